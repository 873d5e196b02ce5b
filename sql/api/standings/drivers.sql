-- route: GET /api/v1/standings/drivers
-- summary: Drivers' championship after a round
-- param: season query integer(1950..2199) optional -- default: the season of the latest race with standings
-- param: year query integer(1950..2199) optional -- another name for season
-- param: round query integer(1..99) optional -- default: the latest
-- param: as_of query timestamp optional -- as the standings were at that time
-- auth: public
-- cache: standings entrants schedule 1h
-- result: list
-- schema: constructor_ids Slugs
-- example: /api/v1/standings/drivers?limit=3
-- example: /api/v1/standings/drivers?season=2029&round=1&limit=2
-- example: /api/v1/standings/drivers?season=2029&as_of=2029-06-01&limit=2
SELECT t.position, t.position_text, t.points, t.wins,
       d.id AS "driver.id", d.code AS "driver.code", d.name AS "driver.name",
       k.id AS "constructor.id", k.name AS "constructor.name", to_jsonb(t.constructor_ids) AS constructor_ids,
       r.id AS "race.id", r.season AS "race.season", r.round AS "race.round", r.name AS "race.name"
FROM find_standing(coalesce(:season::integer, :year), :round, :now, :as_of) AS w
JOIN race r ON r.id = w.race_id
CROSS JOIN driver_standing_at(w.race_id, :as_of) AS t
JOIN driver d ON d.id = t.driver_id
LEFT JOIN constructor k ON k.id = t.constructor_ids[cardinality(t.constructor_ids)]
ORDER BY t.line
