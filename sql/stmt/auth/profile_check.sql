-- summary: Whether an account could have this team and this time zone
-- params: favorite_team, time_zone
-- access: read
SELECT :favorite_team::text IS NULL OR EXISTS (SELECT FROM constructor WHERE id = :favorite_team) AS team_known,
       coalesce(is_time_zone(:time_zone), true) AS zone_known
