-- route: GET /api/v1/corrections
-- summary: What changed of classifications after they were first published, the latest change first
-- param: season query integer(1950..2199) optional
-- param: race query slug optional -- id of a race
-- param: session query enum(qualifying|sprint_qualifying|sprint|race) optional
-- param: since query timestamp optional -- only what was learned from then on
-- auth: public
-- cache: results entrants schedule 1h
-- result: list
-- schema: classes CorrectionClasses
-- schema: diff CorrectionDiff
-- example: /api/v1/corrections?season=2029&session=race&since=2029-06-01&limit=2
-- example: /api/v1/corrections?race=2029-krakow-grand-prix
SELECT c.*
FROM correction c
WHERE c."race.season" BETWEEN coalesce(:season, 1950) AND coalesce(:season, 2199)
  AND (c."race.id" = :race OR :race IS NULL) AND (c.session = :session OR :session IS NULL)
  AND (c.known_at >= :since OR :since::timestamptz IS NULL)
ORDER BY c.known_at DESC, c.id DESC
