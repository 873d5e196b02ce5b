-- summary: Seasons that are new or whose link changed
-- params: rows
WITH written AS (
    INSERT INTO season AS s (year, url)
    SELECT i.season, coalesce(i.url, o.url)
    FROM json_to_recordset(:rows::json) AS i (season integer, url text) LEFT JOIN season o ON o.year = i.season
    WHERE o.year IS NULL OR o.url IS DISTINCT FROM coalesce(i.url, o.url)
    ON CONFLICT (year) DO UPDATE SET url = excluded.url
    RETURNING s.xmax = 0 AS is_new)
SELECT count(*) FILTER (WHERE is_new) AS inserted, count(*) FILTER (WHERE NOT is_new) AS changed, 0 AS removed
FROM written
