-- summary: Messages of race control
-- params: most
-- access: read
-- filters: category text, date time, driver_number number, flag text, lap_number number, meeting_key number
-- filters: message text, qualifying_phase number, scope text, sector number, session_key number
SELECT category, openf1_time(date) AS date, driver_number, flag, lap_number, meeting_key, message,
       qualifying_phase, scope, sector, session_key
FROM openf1_race_control
WHERE session_key = ANY (openf1_session_keys(:session_key, :meeting_key))
  AND :filters
ORDER BY meeting_key, session_key, line LIMIT :most
