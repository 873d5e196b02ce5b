-- summary: Constructors that are new or described otherwise; what upstream leaves out stays
-- params: rows
WITH incoming AS (
    SELECT i.id, i.name, coalesce(nullif(i.nationality, ''), c.nationality, '') AS nationality,
           coalesce(i.url, c.url) AS url
    FROM json_to_recordset(:rows::json) AS i (id text, name text, nationality text, url text)
    LEFT JOIN constructor c ON c.id = i.id
    WHERE c.id IS NULL
       OR (i.name, coalesce(nullif(i.nationality, ''), c.nationality), coalesce(i.url, c.url))
          IS DISTINCT FROM (c.name, c.nationality, c.url)),
written AS (
    INSERT INTO constructor AS c (id, name, nationality, url)
    SELECT id, name, nationality, url FROM incoming
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, nationality = excluded.nationality, url = excluded.url
    RETURNING c.xmax = 0 AS is_new)
SELECT count(*) FILTER (WHERE is_new) AS inserted, count(*) FILTER (WHERE NOT is_new) AS changed, 0 AS removed
FROM written
