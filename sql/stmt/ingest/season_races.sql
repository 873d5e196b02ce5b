-- summary: The races of a season as they are known, in the order of the calendar
-- params: season
-- access: read
SELECT r.id, r.round, r.name, r.circuit_id, r.date, r.status,
       EXISTS (SELECT FROM revision v JOIN session s ON s.id = v.session_id WHERE s.race_id = r.id) AS has_data
FROM race r WHERE r.season = :season ORDER BY r.date, r.round
