-- summary: Laps with their sectors, speeds and mini sectors
-- params: most
-- access: read
-- filters: date_start time, driver_number number, duration_sector_1 number, duration_sector_2 number
-- filters: duration_sector_3 number, i1_speed number, i2_speed number, is_pit_out_lap boolean
-- filters: lap_duration number, lap_number number, meeting_key number, segments_sector_1 json
-- filters: segments_sector_2 json, segments_sector_3 json, session_key number, st_speed number
SELECT openf1_time(date_start) AS date_start, driver_number, duration_sector_1, duration_sector_2,
       duration_sector_3, i1_speed, i2_speed, is_pit_out_lap, lap_duration, lap_number, meeting_key,
       segments_sector_1, segments_sector_2, segments_sector_3, session_key, st_speed
FROM openf1_laps
WHERE session_key = ANY (openf1_session_keys(:session_key, :meeting_key))
  AND :filters
ORDER BY openf1_laps.date_start NULLS FIRST, meeting_key, session_key, line LIMIT :most
