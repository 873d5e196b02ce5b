-- summary: Teams' championship before and after a race
-- params: most
-- access: read
-- filters: meeting_key number, points_current number, points_start number, position_current number
-- filters: position_start number, session_key number, team_name text
SELECT meeting_key, points_current, points_start, position_current, position_start, session_key, team_name
FROM openf1_championship_teams
WHERE session_key = ANY (openf1_session_keys(:session_key, :meeting_key))
  AND :filters
ORDER BY meeting_key, session_key, position_current, line LIMIT :most
