-- summary: Positions, whenever they change
-- params: most
-- access: read
-- filters: date time, driver_number number, meeting_key number, position number, session_key number
SELECT openf1_time(date) AS date, driver_number, meeting_key, position, session_key
FROM openf1_position
WHERE session_key = ANY (openf1_session_keys(:session_key, :meeting_key))
  AND :filters
ORDER BY meeting_key, session_key, line LIMIT :most
