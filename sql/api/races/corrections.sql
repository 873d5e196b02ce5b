-- route: GET /api/v1/races/{race_id}/corrections
-- route: GET /api/v1/seasons/{year}/races/{round}/corrections
-- summary: What changed of a race weekend's classifications after they were first published, the latest change first
-- param: race_id path slug -- the race's id
-- param: year path integer(1950..2199) -- season
-- param: round path integer(1..99) -- place in that season's calendar; a former one finds the race too
-- param: session query enum(qualifying|sprint_qualifying|sprint|race) optional
-- auth: public
-- cache: results entrants schedule 1h
-- result: list
-- schema: classes CorrectionClasses
-- schema: diff CorrectionDiff
-- noun: race
-- exists: SELECT 1 FROM find_race(:race_id, :year, :round)
-- example: /api/v1/races/2029-krakow-grand-prix/corrections
-- example: /api/v1/seasons/2029/races/20/corrections?session=race
SELECT c.*
FROM find_race(:race_id, :year, :round) AS r
JOIN correction c ON c."race.id" = r.id
WHERE c.session = :session OR :session IS NULL
ORDER BY c.known_at DESC, c.id DESC
