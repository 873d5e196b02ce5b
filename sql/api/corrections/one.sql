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
SELECT c.*
FROM correction c
WHERE c.id = :correction_id
