-- route: GET /api/v1/races
-- summary: Races by season and round
-- param: season query integer(1950..2199) optional
-- param: status query enum(scheduled|completed|cancelled) optional
-- param: circuit query slug optional -- id of a circuit
-- auth: public
-- cache: schedule 1h
-- result: list
-- schema: id Slug
-- schema: season Season
-- example: /api/v1/races?season=2029&limit=2&offset=1
-- example: /api/v1/races?status=scheduled&limit=1
-- example: /api/v1/races?circuit=krakow
SELECT i.* FROM race_item i
WHERE i.season BETWEEN coalesce(:season, 1950) AND coalesce(:season, 2199)
  AND (i.status = :status OR :status IS NULL)
  AND (i."circuit.id" = :circuit OR :circuit IS NULL)
ORDER BY i.season, i.date, i.round, i.id
