-- summary: What was loaded of a session's laps and pit stops
-- params: session
-- access: read
SELECT kind, digest FROM session_load WHERE session_id = :session
