-- summary: What upstream says now of sessions that were corrected by hand
-- params: sessions, source, now
UPDATE correction_hold h SET digest = i.digest, lines = i.lines, source = :source, known_at = :now
FROM jsonb_to_recordset(:sessions) AS i (session_id integer, digest text, lines jsonb)
WHERE h.session_id = i.session_id
