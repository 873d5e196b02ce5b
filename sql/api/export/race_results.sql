-- route: GET /api/v1/export/race-results
-- summary: Classifications of all races, or of one season's, as a file
-- param: season query integer(1950..2199) optional
-- auth: public
-- cache: results entrants schedule 1h
-- result: stream
-- noun: season
-- exists: SELECT 1 WHERE :season::integer IS NULL OR EXISTS (SELECT FROM season WHERE year = :season)
-- example: /api/v1/export/race-results?season=2028
-- example: /api/v1/export/race-results?season=1999
SELECT r.id AS "race.id", r.season AS "race.season", r.round AS "race.round", r.name AS "race.name",
       r.date, r.circuit_id AS "circuit.id", i.name AS "circuit.name",
       c.position, c.position_text, outcome(c.position_text) AS outcome, e.number,
       d.id AS "driver.id", d.code AS "driver.code", d.name AS "driver.name",
       k.id AS "constructor.id", k.name AS "constructor.name",
       c.grid, c.laps, c.status, c.points, c.time_ms AS "time.ms", c.time_text AS "time.text",
       c.fastest_rank AS "fastest_lap.rank", c.fastest_lap AS "fastest_lap.lap",
       c.fastest_ms AS "fastest_lap.time.ms", c.fastest_text AS "fastest_lap.time.text",
       c.fastest_speed AS "fastest_lap.speed.value", c.fastest_unit AS "fastest_lap.speed.unit"
FROM race r
JOIN circuit i ON i.id = r.circuit_id
JOIN session s ON s.race_id = r.id AND s.kind = 'race'
JOIN result c ON c.season = s.season AND c.session_id = s.id AND c.current
JOIN entry e ON e.id = c.entry_id
JOIN driver d ON d.id = e.driver_id
JOIN constructor k ON k.id = e.constructor_id
WHERE r.season BETWEEN coalesce(:season, 1950) AND coalesce(:season, 2199)
  AND c.season BETWEEN coalesce(:season, 1950) AND coalesce(:season, 2199)
ORDER BY r.date, r.id, c.line
