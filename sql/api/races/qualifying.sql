-- route: GET /api/v1/races/{race_id}/qualifying
-- route: GET /api/v1/seasons/{year}/races/{round}/qualifying
-- summary: Classification of the qualifying with the best lap of each part
-- param: race_id path slug -- the race's id
-- param: year path integer(1950..2199) -- season
-- param: round path integer(1..99) -- place in that season's calendar; a former one finds the race too
-- param: as_of query timestamp optional -- as the classification stood at that time
-- auth: public
-- cache: results entrants schedule 1h
-- result: list
-- noun: race
-- exists: SELECT 1 FROM find_race(:race_id, :year, :round)
-- example: /api/v1/races/2029-krakow-grand-prix/qualifying?limit=100
SELECT c.position, e.number,
       d.id AS "driver.id", d.code AS "driver.code", d.name AS "driver.name",
       k.id AS "constructor.id", k.name AS "constructor.name",
       c.q1_ms AS "q1.ms", nullif(c.q1_text, '') AS "q1.text",
       c.q2_ms AS "q2.ms", nullif(c.q2_text, '') AS "q2.text",
       c.q3_ms AS "q3.ms", nullif(c.q3_text, '') AS "q3.text"
FROM find_race(:race_id, :year, :round) AS r
JOIN session s ON s.race_id = r.id AND s.kind = 'qualifying'
CROSS JOIN find_revision(s.id, coalesce(s.starts_at, s.date), :as_of) AS v
JOIN qualifying_result c ON c.season = s.season AND c.session_id = s.id AND c.revision = v.number
JOIN entry e ON e.id = c.entry_id
JOIN driver d ON d.id = e.driver_id
JOIN constructor k ON k.id = e.constructor_id
ORDER BY c.line
