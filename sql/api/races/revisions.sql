-- route: GET /api/v1/races/{race_id}/revisions
-- route: GET /api/v1/seasons/{year}/races/{round}/revisions
-- summary: Every published state of a race weekend's classifications, newest first
-- param: race_id path slug -- the race's id
-- param: year path integer(1950..2199) -- season
-- param: round path integer(1..99) -- place in that season's calendar; a former one finds the race too
-- param: session query enum(qualifying|sprint_qualifying|sprint|race) optional
-- auth: public
-- cache: results schedule 1h
-- result: list
-- schema: changes RevisionChanges
-- noun: race
-- exists: SELECT 1 FROM find_race(:race_id, :year, :round)
-- example: /api/v1/races/2029-krakow-grand-prix/revisions
SELECT s.kind AS session, v.number, v.known_at, v.source, v.row_count, v.changes
FROM find_race(:race_id, :year, :round) AS r
JOIN session s ON s.race_id = r.id
JOIN revision v ON v.session_id = s.id
WHERE s.kind = :session OR :session IS NULL
ORDER BY v.known_at DESC, s.date DESC, s.starts_at DESC, s.id, v.number DESC
