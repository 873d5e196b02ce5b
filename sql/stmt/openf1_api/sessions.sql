-- summary: Sessions
-- params: most
-- access: read
-- filters: circuit_key number, circuit_short_name text, country_code text, country_key number
-- filters: country_name text, date_end time, date_start time, gmt_offset verbatim, is_cancelled boolean
-- filters: location text, meeting_key number, session_key number, session_name text, session_type text
-- filters: year number
SELECT circuit_key, circuit_short_name, country_code, country_key, country_name, openf1_time(date_end) AS
       date_end, openf1_time(date_start) AS date_start, gmt_offset, is_cancelled, location, meeting_key, session_key,
       session_name, session_type, year
FROM openf1_sessions
WHERE :filters
ORDER BY openf1_sessions.date_start, meeting_key, session_key LIMIT :most
