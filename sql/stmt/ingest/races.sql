-- summary: Races that are new or changed; one without an id gets the one made of its name
-- params: season, rows
WITH incoming AS (
    SELECT coalesce(i.id, race_slug(:season::integer, i.name)
                          || CASE WHEN EXISTS (SELECT FROM race o WHERE o.id = race_slug(:season::integer, i.name))
                                    OR count(*) OVER (PARTITION BY i.id, i.name) > 1
                                  THEN '-' || i.round ELSE '' END) AS id,
           i.round, i.name, i.circuit_id, i.date, i.url
    FROM json_to_recordset(:rows::json) AS i (id text, round integer, name text, circuit_id text, date date, url text)),
written AS (
    INSERT INTO race AS r (id, season, round, name, circuit_id, date, url)
    SELECT i.id, :season::integer, i.round, i.name, i.circuit_id, i.date, coalesce(i.url, o.url)
    FROM incoming i LEFT JOIN race o ON o.id = i.id
    WHERE o.id IS NULL OR o.status = 'cancelled'
       OR (i.round, i.name, i.circuit_id, i.date, coalesce(i.url, o.url))
          IS DISTINCT FROM (o.round, o.name, o.circuit_id, o.date, o.url)
    ON CONFLICT (id) DO UPDATE SET round = excluded.round, name = excluded.name, circuit_id = excluded.circuit_id,
        date = excluded.date, url = excluded.url,
        status = CASE r.status WHEN 'cancelled' THEN 'scheduled' ELSE r.status END
    RETURNING r.xmax = 0 AS is_new)
SELECT count(*) FILTER (WHERE is_new) AS inserted, count(*) FILTER (WHERE NOT is_new) AS changed, 0 AS removed
FROM written
