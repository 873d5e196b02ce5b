-- summary: Circuits that are new or described otherwise; what upstream leaves out stays
-- params: rows
-- Facts are taken where there are none and the server knows the zone. Its list of zones is long, and read only when one
-- is given.
WITH facts AS (
    INSERT INTO circuit_fact (circuit_id, length_km, type, time_zone)
    SELECT i.id, i.length_km, i.type, i.time_zone
    FROM json_to_recordset(:rows::json) AS i (id text, length_km numeric(6, 3), type text, time_zone text)
    WHERE i.type IN ('street', 'permanent', 'road')
      AND NOT EXISTS (SELECT FROM circuit_fact f WHERE f.circuit_id = i.id)
      AND CASE WHEN i.time_zone IS NOT NULL THEN i.time_zone IN (SELECT name FROM pg_timezone_names) END
    ON CONFLICT DO NOTHING),
incoming AS (
    SELECT i.id, i.name, coalesce(i.locality, c.locality) AS locality, coalesce(i.country, c.country) AS country,
           coalesce(i.latitude, c.latitude) AS latitude, coalesce(i.longitude, c.longitude) AS longitude,
           coalesce(i.url, c.url) AS url
    FROM json_to_recordset(:rows::json) AS i (id text, name text, locality text, country text, latitude numeric(9, 6),
                                              longitude numeric(9, 6), url text)
    LEFT JOIN circuit c ON c.id = i.id
    WHERE c.id IS NULL
       OR (i.name, coalesce(i.locality, c.locality), coalesce(i.country, c.country), coalesce(i.latitude, c.latitude),
           coalesce(i.longitude, c.longitude), coalesce(i.url, c.url))
          IS DISTINCT FROM (c.name, c.locality, c.country, c.latitude, c.longitude, c.url)),
written AS (
    INSERT INTO circuit AS c (id, name, locality, country, latitude, longitude, url)
    SELECT id, name, locality, country, latitude, longitude, url FROM incoming
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, locality = excluded.locality, country = excluded.country,
        latitude = excluded.latitude, longitude = excluded.longitude, url = excluded.url
    RETURNING c.xmax = 0 AS is_new)
SELECT count(*) FILTER (WHERE is_new) AS inserted, count(*) FILTER (WHERE NOT is_new) AS changed, 0 AS removed
FROM written
