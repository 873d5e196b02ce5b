-- route: GET /api/v1/seasons/{year}/corrections
-- summary: What changed of a season's classifications after they were first published, the latest change first
-- param: year path integer(1950..2199) -- season
-- param: session query enum(qualifying|sprint_qualifying|sprint|race) optional
-- param: since query timestamp optional -- only what was learned from then on
-- auth: public
-- cache: results entrants schedule 1h
-- result: list
-- schema: classes CorrectionClasses
-- schema: diff CorrectionDiff
-- noun: season
-- exists: SELECT 1 FROM season WHERE year = :year
-- example: /api/v1/seasons/2029/corrections?limit=3
-- example: /api/v1/seasons/1950/corrections
SELECT c.*
FROM correction c
WHERE c."race.season" = :year AND (c.session = :session OR :session IS NULL)
  AND (c.known_at >= :since OR :since::timestamptz IS NULL)
ORDER BY c.known_at DESC, c.id DESC
