-- route: GET /api/v1/races/{race_id}/pitstops
-- route: GET /api/v1/seasons/{year}/races/{round}/pitstops
-- summary: Pit stops of a race in their order
-- param: race_id path slug -- the race's id
-- param: year path integer(1950..2199) -- season
-- param: round path integer(1..99) -- place in that season's calendar; a former one finds the race too
-- param: driver query slug optional -- id of a driver
-- auth: public
-- cache: laps entrants schedule 1h
-- result: list
-- noun: race
-- exists: SELECT 1 FROM find_race(:race_id, :year, :round)
-- example: /api/v1/races/2029-krakow-grand-prix/pitstops?limit=2
-- example: /api/v1/races/2029-krakow-grand-prix/pitstops?driver=hakimi
SELECT d.id AS "driver.id", d.code AS "driver.code", d.name AS "driver.name",
       p.stop, p.lap, p.local_time, p.duration_ms AS "duration.ms", p.duration_text AS "duration.text"
FROM pit_stop p
JOIN driver d ON d.id = p.driver_id
WHERE (p.season, p.session_id) = (SELECT s.season, s.id FROM find_race(:race_id, :year, :round) AS r
                                  JOIN session s ON s.race_id = r.id AND s.kind = 'race')
  AND (p.driver_id = :driver OR :driver IS NULL)
ORDER BY p.lap, p.local_time, p.driver_id, p.stop
