-- route: GET /api/v1/races/{race_id}/sprint
-- route: GET /api/v1/seasons/{year}/races/{round}/sprint
-- summary: Classification of the sprint
-- param: race_id path slug -- the race's id
-- param: year path integer(1950..2199) -- season
-- param: round path integer(1..99) -- place in that season's calendar; a former one finds the race too
-- param: as_of query timestamp optional -- as the classification stood at that time
-- auth: public
-- cache: results entrants schedule 1h
-- result: list
-- noun: race
-- exists: SELECT 1 FROM find_race(:race_id, :year, :round)
-- example: /api/v1/races/2029-krakow-grand-prix/sprint?limit=3
-- example: /api/v1/seasons/2029/races/2/sprint
SELECT c.position, c.position_text, outcome(c.position_text) AS outcome, e.number,
       d.id AS "driver.id", d.code AS "driver.code", d.name AS "driver.name",
       k.id AS "constructor.id", k.name AS "constructor.name",
       c.grid, c.laps, c.status, c.points, c.time_ms AS "time.ms", c.time_text AS "time.text",
       c.fastest_rank AS "fastest_lap.rank", c.fastest_lap AS "fastest_lap.lap",
       c.fastest_ms AS "fastest_lap.time.ms", c.fastest_text AS "fastest_lap.time.text",
       c.fastest_speed AS "fastest_lap.speed.value", c.fastest_unit AS "fastest_lap.speed.unit"
FROM find_race(:race_id, :year, :round) AS r
JOIN session s ON s.race_id = r.id AND s.kind = 'sprint'
CROSS JOIN find_revision(s.id, coalesce(s.starts_at, s.date), :as_of) AS v
JOIN result c ON c.season = s.season AND c.session_id = s.id AND c.revision = v.number
JOIN entry e ON e.id = c.entry_id
JOIN driver d ON d.id = e.driver_id
JOIN constructor k ON k.id = e.constructor_id
ORDER BY c.line
