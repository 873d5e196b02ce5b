-- summary: What is loaded of a session
-- params: session_key
-- access: read
SELECT list, digest, row_count FROM openf1_load WHERE session_key = :session_key::integer
