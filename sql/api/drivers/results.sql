-- route: GET /api/v1/drivers/{driver_id}/results
-- summary: A driver's races and sprints, newest first
-- param: driver_id path slug
-- param: season query integer(1950..2199) optional
-- param: session query enum(race|sprint) optional
-- auth: public
-- cache: results entrants schedule 1h
-- result: list
-- noun: driver
-- exists: SELECT 1 FROM driver WHERE id = :driver_id
-- example: /api/v1/drivers/hakimi/results?limit=2
-- example: /api/v1/drivers/hakimi/results?season=2029&session=sprint
-- example: /api/v1/drivers/nobody/results
SELECT r.id AS "race.id", r.season AS "race.season", r.round AS "race.round", r.name AS "race.name",
       s.kind AS session, c.position, c.position_text, outcome(c.position_text) AS outcome, e.number,
       k.id AS "constructor.id", k.name AS "constructor.name",
       c.grid, c.laps, c.status, c.points, c.time_ms AS "time.ms", c.time_text AS "time.text",
       c.fastest_rank AS "fastest_lap.rank", c.fastest_lap AS "fastest_lap.lap",
       c.fastest_ms AS "fastest_lap.time.ms", c.fastest_text AS "fastest_lap.time.text",
       c.fastest_speed AS "fastest_lap.speed.value", c.fastest_unit AS "fastest_lap.speed.unit"
FROM entry e
JOIN result c ON c.entry_id = e.id AND c.season = e.season AND c.current
JOIN session s ON s.id = c.session_id
JOIN race r ON r.id = s.race_id
JOIN constructor k ON k.id = e.constructor_id
WHERE e.driver_id = :driver_id AND e.season BETWEEN coalesce(:season, 1950) AND coalesce(:season, 2199)
  AND (s.kind = :session OR :session IS NULL)
ORDER BY r.date DESC, r.id, s.kind, c.line
