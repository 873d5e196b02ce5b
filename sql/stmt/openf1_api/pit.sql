-- summary: Pit stops
-- params: most
-- access: read
-- filters: date time, driver_number number, lane_duration number, lap_number number, meeting_key number
-- filters: pit_duration number, session_key number, stop_duration number
SELECT openf1_time(date) AS date, driver_number, lane_duration, lap_number, meeting_key, pit_duration,
       session_key, stop_duration
FROM openf1_pit
WHERE session_key = ANY (openf1_session_keys(:session_key, :meeting_key))
  AND :filters
ORDER BY meeting_key, session_key, line LIMIT :most
