-- summary: Drivers' championship before and after a race
-- params: most
-- access: read
-- filters: driver_number number, meeting_key number, points_current number, points_start number
-- filters: position_current number, position_start number, session_key number
SELECT driver_number, meeting_key, points_current, points_start, position_current, position_start, session_key
FROM openf1_championship_drivers
WHERE session_key = ANY (openf1_session_keys(:session_key, :meeting_key))
  AND :filters
ORDER BY meeting_key, session_key, position_current, line LIMIT :most
