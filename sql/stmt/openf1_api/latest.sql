-- summary: The session that began last, and its meeting
-- params: now
-- access: read
SELECT session_key, meeting_key FROM openf1_sessions
WHERE date_start <= :now::timestamptz + interval '1 minute' AND is_cancelled IS NOT TRUE
ORDER BY date_start DESC, session_key LIMIT 1
