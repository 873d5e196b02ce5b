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
SELECT c.id, c.known_at, c."race.id", c."race.season", c."race.round", c."race.name", c.session, c.revision, c.source,
       c.note, (SELECT jsonb_agg(class ORDER BY class) FROM jsonb_object_keys(d.diff) AS class) AS classes, d.diff
FROM correction c CROSS JOIN correction_diff(c.changes) AS d (diff)
WHERE c."race.season" = :year AND (c.session = :session OR :session IS NULL)
  AND (c.known_at >= :since OR :since::timestamptz IS NULL)
ORDER BY c.known_at DESC, c.id DESC
