-- route: GET /api/v1/circuits/{circuit_id}
-- summary: A circuit and how often it was raced on
-- param: circuit_id path slug
-- auth: public
-- cache: schedule 1h
-- result: one
-- schema: id Slug
-- noun: circuit
-- example: /api/v1/circuits/krakow
-- example: /api/v1/circuits/nowhere
SELECT c.id, c.name, c.locality, c.country, c.latitude, c.longitude, f.length_km, f.type, f.time_zone,
       r.races, r.first_season, r.last_season, c.url
FROM circuit c LEFT JOIN circuit_fact f ON f.circuit_id = c.id
CROSS JOIN LATERAL (SELECT count(*) AS races, min(r.season) AS first_season, max(r.season) AS last_season
                    FROM race r WHERE r.circuit_id = c.id AND r.status <> 'cancelled') AS r
WHERE c.id = :circuit_id
