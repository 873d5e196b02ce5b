-- summary: Car data: speed, engine, gear, pedals, four samples a second
-- params: most
-- access: read
-- filters: brake number, date time, driver_number number, drs number, meeting_key number, n_gear number
-- filters: rpm number, session_key number, speed number, throttle number
SELECT brake, openf1_time(date) AS date, driver_number, drs, meeting_key, n_gear, rpm, session_key, speed,
       throttle
FROM openf1_car_data
WHERE session_key = ANY (openf1_session_keys(:session_key, :meeting_key))
  AND driver_number BETWEEN low_key(:driver_number) AND high_key(:driver_number)
  AND date BETWEEN low_time(:date) AND high_time(:date)
  AND :filters
ORDER BY meeting_key, session_key, openf1_car_data.date, driver_number LIMIT :most
