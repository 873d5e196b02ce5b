-- route: GET /api/v1/corrections/{correction_id}
-- summary: A correction of a classification: when it was learned, from whom, and what it changed
-- param: correction_id path integer(1..2147483647)
-- auth: public
-- cache: results entrants schedule 1h
-- result: one
-- schema: classes CorrectionClasses
-- schema: diff CorrectionDiff
-- noun: correction
-- example: /api/v1/corrections/1
SELECT c.id, c.known_at, c."race.id", c."race.season", c."race.round", c."race.name", c.session, c.revision, c.source,
       c.note, (SELECT jsonb_agg(class ORDER BY class) FROM jsonb_object_keys(d.diff) AS class) AS classes, d.diff
FROM correction c CROSS JOIN correction_diff(c.changes) AS d (diff)
WHERE c.id = :correction_id
