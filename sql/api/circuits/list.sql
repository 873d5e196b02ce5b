-- route: GET /api/v1/circuits
-- summary: Circuits by name
-- auth: public
-- cache: schedule 24h
-- result: list
-- schema: id Slug
-- example: /api/v1/circuits?limit=2
SELECT c.id, c.name, c.locality, c.country, c.latitude, c.longitude, f.length_km, f.type, f.time_zone, c.url
FROM circuit c LEFT JOIN circuit_fact f ON f.circuit_id = c.id
ORDER BY plain_text(c.name), c.id
