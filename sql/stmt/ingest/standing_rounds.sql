-- summary: Completed rounds of a season, and whether standings after them are known
-- params: season
-- access: read
SELECT r.round, EXISTS (SELECT FROM driver_standing s WHERE s.race_id = r.id) AS has_standings
FROM race r WHERE r.season = :season AND r.status = 'completed' ORDER BY r.round
