-- summary: Weather, every minute
-- params: most
-- access: read
-- filters: air_temperature number, date time, humidity number, meeting_key number, pressure number
-- filters: rainfall number, session_key number, track_temperature number, wind_direction number
-- filters: wind_speed number
SELECT air_temperature, openf1_time(date) AS date, humidity, meeting_key, pressure, rainfall, session_key,
       track_temperature, wind_direction, wind_speed
FROM openf1_weather
WHERE session_key = ANY (openf1_session_keys(:session_key, :meeting_key))
  AND :filters
ORDER BY meeting_key, session_key, line LIMIT :most
