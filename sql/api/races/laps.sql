-- route: GET /api/v1/races/{race_id}/laps
-- route: GET /api/v1/seasons/{year}/races/{round}/laps
-- summary: Laps of a race, by lap and position
-- param: race_id path slug -- the race's id
-- param: year path integer(1950..2199) -- season
-- param: round path integer(1..99) -- place in that season's calendar; a former one finds the race too
-- param: driver query slug optional -- id of a driver
-- param: from_lap query integer(1..999) default=1
-- param: to_lap query integer(1..999) default=999
-- auth: public
-- cache: laps entrants schedule 1h
-- result: list
-- noun: race
-- exists: SELECT 1 FROM find_race(:race_id, :year, :round)
-- example: /api/v1/races/2029-krakow-grand-prix/laps?limit=2
-- example: /api/v1/seasons/2029/races/16/laps?driver=hakimi&from_lap=5&to_lap=6
SELECT l.lap, l.position, d.id AS "driver.id", d.code AS "driver.code", d.name AS "driver.name",
       l.time_ms AS "time.ms", lap_text(l.time_ms) AS "time.text"
FROM lap l
JOIN driver d ON d.id = l.driver_id
WHERE (l.season, l.session_id) = (SELECT s.season, s.id FROM find_race(:race_id, :year, :round) AS r
                                  JOIN session s ON s.race_id = r.id AND s.kind = 'race')
  AND l.lap BETWEEN :from_lap AND :to_lap AND (l.driver_id = :driver OR :driver IS NULL)
ORDER BY l.lap, l.position, l.driver_id
