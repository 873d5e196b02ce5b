-- summary: Overtakes
-- params: most
-- access: read
-- filters: date time, meeting_key number, overtaken_driver_number number, overtaking_driver_number number
-- filters: position number, session_key number
SELECT openf1_time(date) AS date, meeting_key, overtaken_driver_number, overtaking_driver_number, position,
       session_key
FROM openf1_overtakes
WHERE session_key = ANY (openf1_session_keys(:session_key, :meeting_key))
  AND :filters
ORDER BY meeting_key, session_key, line LIMIT :most
