-- summary: Every start in a race, in the order of time and then of the classification
-- access: read
SELECT c.season, c.race_id, c.driver_id, c.constructor_id, coalesce(c.position, 9999)
FROM current_result c JOIN race r ON r.id = c.race_id
WHERE c.kind = 'race' AND c.position_text NOT IN ('W', 'F')
ORDER BY r.date, r.id, c.position, c.line
