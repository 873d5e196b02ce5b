-- summary: Races that are no longer in the calendar
-- params: ids
WITH gone AS (
    UPDATE race SET status = 'cancelled', round = NULL
    WHERE id IN (SELECT json_array_elements_text(:ids::json)) AND status <> 'cancelled'
    RETURNING 1)
SELECT 0 AS inserted, 0 AS changed, count(*) AS removed FROM gone
