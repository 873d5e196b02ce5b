-- summary: Drivers that are new or described otherwise; what upstream leaves out stays
-- params: rows
WITH incoming AS (
    SELECT i.id, nullif(i.ergast_id, i.id) AS ergast_id, coalesce(i.code, d.code) AS code,
           coalesce(i.number, d.number) AS number, i.given_name, i.family_name,
           coalesce(nullif(i.nationality, ''), d.nationality, '') AS nationality,
           coalesce(i.birth_date, d.birth_date) AS birth_date, coalesce(i.url, d.url) AS url
    FROM json_to_recordset(:rows::json) AS i (id text, ergast_id text, code text, number integer, given_name text,
                                              family_name text, nationality text, birth_date date, url text)
    LEFT JOIN driver d ON d.id = i.id
    WHERE d.id IS NULL
       OR (nullif(i.ergast_id, i.id), coalesce(i.code, d.code), coalesce(i.number, d.number), i.given_name,
           i.family_name, coalesce(nullif(i.nationality, ''), d.nationality), coalesce(i.birth_date, d.birth_date),
           coalesce(i.url, d.url))
          IS DISTINCT FROM (d.ergast_id, d.code, d.number, d.given_name, d.family_name, d.nationality, d.birth_date,
                            d.url)),
written AS (
    INSERT INTO driver AS d (id, ergast_id, code, number, given_name, family_name, nationality, birth_date, url)
    SELECT id, ergast_id, code, number, given_name, family_name, nationality, birth_date, url FROM incoming
    ON CONFLICT (id) DO UPDATE SET ergast_id = excluded.ergast_id, code = excluded.code, number = excluded.number,
        given_name = excluded.given_name, family_name = excluded.family_name, nationality = excluded.nationality,
        birth_date = excluded.birth_date, url = excluded.url
    RETURNING d.xmax = 0 AS is_new)
SELECT count(*) FILTER (WHERE is_new) AS inserted, count(*) FILTER (WHERE NOT is_new) AS changed, 0 AS removed
FROM written
