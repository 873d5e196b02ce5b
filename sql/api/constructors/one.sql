-- route: GET /api/v1/constructors/{constructor_id}
-- summary: A constructor and its seasons
-- param: constructor_id path slug
-- auth: public
-- cache: entrants rankings 1h
-- result: one
-- schema: id Slug
-- schema: seasons Seasons
-- noun: constructor
-- example: /api/v1/constructors/granite
-- example: /api/v1/constructors/nobody
SELECT k.id, k.name, k.nationality, coalesce(g.elo, 1500) AS elo,
       (SELECT coalesce(jsonb_agg(s.season ORDER BY s.season), '[]') FROM season_constructor s
        WHERE s.constructor_id = k.id) AS seasons,
       k.url
FROM constructor k
LEFT JOIN constructor_rankings g ON g.constructor_id = k.id
WHERE k.id = :constructor_id
