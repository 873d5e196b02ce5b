-- route: GET /api/v1/constructors
-- summary: Constructors by name
-- param: season query integer(1950..2199) optional -- only who takes part in it
-- param: search query text(1..100) optional -- part of a name or id; case and accents do not matter
-- auth: public
-- cache: entrants 1h
-- result: list
-- schema: id Slug
-- example: /api/v1/constructors?season=2029&limit=2
-- example: /api/v1/constructors?search=dra
SELECT k.id, k.name, k.nationality, k.url
FROM constructor k
WHERE (k.id IN (SELECT s.constructor_id FROM season_constructor s WHERE s.season = :season) OR :season IS NULL)
  AND strpos(k.search, plain_text(coalesce(:search, ''))) > 0
ORDER BY plain_text(k.name), k.id
