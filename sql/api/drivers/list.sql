-- route: GET /api/v1/drivers
-- summary: Drivers by name
-- param: season query integer(1950..2199) optional -- only who takes part in it
-- param: search query text(1..100) optional -- part of a name, id or code; case and accents do not matter
-- auth: public
-- cache: entrants 1h
-- result: list
-- schema: id Slug
-- example: /api/v1/drivers?season=2029&limit=2
-- example: /api/v1/drivers?search=SCHURM
-- example: /api/v1/drivers?search=nobody
SELECT d.id, d.code, d.number, d.name, d.given_name, d.family_name, d.nationality, d.birth_date, d.url
FROM driver d
WHERE (d.id IN (SELECT s.driver_id FROM season_driver s WHERE s.season = :season) OR :season IS NULL)
  AND strpos(d.search, plain_text(coalesce(:search, ''))) > 0
ORDER BY plain_text(d.family_name), plain_text(d.given_name), d.id
