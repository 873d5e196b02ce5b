-- summary: Stints and their tyres
-- params: most
-- access: read
-- filters: compound text, driver_number number, lap_end number, lap_start number, meeting_key number
-- filters: session_key number, stint_number number, tyre_age_at_start number
SELECT compound, driver_number, lap_end, lap_start, meeting_key, session_key, stint_number, tyre_age_at_start
FROM openf1_stints
WHERE session_key = ANY (openf1_session_keys(:session_key, :meeting_key))
  AND :filters
ORDER BY meeting_key, session_key, line LIMIT :most
