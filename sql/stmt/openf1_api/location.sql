-- summary: Where cars are, four samples a second
-- params: most
-- access: read
-- filters: date time, driver_number number, meeting_key number, session_key number, x number, y number
-- filters: z number
SELECT openf1_time(date) AS date, driver_number, meeting_key, session_key, x, y, z
FROM openf1_location
WHERE session_key = ANY (openf1_session_keys(:session_key, :meeting_key))
  AND driver_number BETWEEN low_key(:driver_number) AND high_key(:driver_number)
  AND date BETWEEN low_time(:date) AND high_time(:date)
  AND :filters
ORDER BY meeting_key, session_key, openf1_location.date, driver_number LIMIT :most
