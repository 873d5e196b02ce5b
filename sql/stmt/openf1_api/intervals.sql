-- summary: Gaps in a race, every few seconds
-- params: most
-- access: read
-- filters: date time, driver_number number, gap_to_leader json, interval json, meeting_key number
-- filters: session_key number
SELECT openf1_time(date) AS date, driver_number, gap_to_leader, interval, meeting_key, session_key
FROM openf1_intervals
WHERE session_key = ANY (openf1_session_keys(:session_key, :meeting_key))
  AND :filters
ORDER BY meeting_key, session_key, line LIMIT :most
