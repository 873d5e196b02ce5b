-- summary: Drivers of sessions
-- params: most
-- access: read
-- filters: broadcast_name text, country_code text, driver_number number, first_name text, full_name text
-- filters: headshot_url text, last_name text, meeting_key number, name_acronym text, session_key number
-- filters: team_colour verbatim, team_name text
SELECT broadcast_name, country_code, driver_number, first_name, full_name, headshot_url, last_name,
       meeting_key, name_acronym, session_key, team_colour, team_name
FROM openf1_drivers
WHERE session_key = ANY (openf1_session_keys(:session_key, :meeting_key))
  AND :filters
ORDER BY meeting_key, session_key, line LIMIT :most
