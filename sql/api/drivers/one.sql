-- route: GET /api/v1/drivers/{driver_id}
-- summary: A driver, the latest constructor, the seasons
-- param: driver_id path slug
-- auth: public
-- cache: entrants results rankings schedule 1h
-- result: one
-- schema: id Slug
-- schema: seasons Seasons
-- noun: driver
-- example: /api/v1/drivers/hakimi
-- example: /api/v1/drivers/nobody
SELECT d.id, d.code, d.number, d.name, d.given_name, d.family_name, d.nationality, d.birth_date,
       k.id AS "constructor.id", k.name AS "constructor.name", coalesce(g.elo, 1500) AS elo,
       (SELECT coalesce(jsonb_agg(s.season ORDER BY s.season), '[]') FROM season_driver s WHERE s.driver_id = d.id)
           AS seasons,
       d.url
FROM driver d
LEFT JOIN LATERAL (SELECT e.constructor_id FROM entry e JOIN race r ON r.id = e.race_id WHERE e.driver_id = d.id
                   ORDER BY e.season DESC, r.date DESC, e.id DESC LIMIT 1) AS e ON true
LEFT JOIN constructor k ON k.id = e.constructor_id
LEFT JOIN driver_rankings g ON g.driver_id = d.id
WHERE d.id = :driver_id
