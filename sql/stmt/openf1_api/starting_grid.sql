-- summary: Starting grids
-- params: most
-- access: read
-- filters: driver_number number, lap_duration number, meeting_key number, position number
-- filters: session_key number
SELECT driver_number, lap_duration, meeting_key, position, session_key
FROM openf1_starting_grid
WHERE session_key = ANY (openf1_session_keys(:session_key, :meeting_key))
  AND :filters
ORDER BY meeting_key, session_key, line LIMIT :most
