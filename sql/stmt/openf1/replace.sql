-- summary: A session's list in place of the one that was there
-- params: list, session_key, rows
SELECT openf1_replace(:list, :session_key, :rows)
