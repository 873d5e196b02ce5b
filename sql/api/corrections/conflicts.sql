-- route: GET /api/v1/corrections/conflicts
-- summary: Corrections by hand that upstream does not agree with, and what it would change
-- param: state query enum(held|conflict) optional -- held: upstream says what it said before; conflict: something new
-- auth: admin
-- cache: none
-- result: list
-- schema: diff CorrectionDiff
-- example: /api/v1/corrections/conflicts
SELECT * FROM correction_conflict WHERE state = :state OR :state IS NULL
ORDER BY corrected_at DESC, id DESC
