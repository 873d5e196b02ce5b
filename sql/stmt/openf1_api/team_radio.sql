-- summary: Team radio recordings
-- params: most
-- access: read
-- filters: date time, driver_number number, meeting_key number, recording_url text, session_key number
SELECT openf1_time(date) AS date, driver_number, meeting_key, recording_url, session_key
FROM openf1_team_radio
WHERE session_key = ANY (openf1_session_keys(:session_key, :meeting_key))
  AND :filters
ORDER BY meeting_key, session_key, line LIMIT :most
