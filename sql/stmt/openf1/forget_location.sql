-- summary: Removes a session's locations
-- params: session_key
DELETE FROM openf1_location WHERE session_key = :session_key::integer
