-- summary: Says in a revision what it changed: per driver and field old and new, who came and who went
-- params: season, sessions
WITH line AS (
    SELECT r.session_id, r.revision = i.revision AS is_new, e.driver_id,
           row_number() OVER (PARTITION BY r.session_id, r.revision, e.driver_id ORDER BY r.line) AS nth,
           to_jsonb(r) - '{season,session_id,revision,line,entry_id,current}'::text[]
               || jsonb_build_object('constructor_id', e.constructor_id, 'number', e.number) AS fields
    FROM json_to_recordset(:sessions::json) AS i (session_id integer, revision integer)
    JOIN qualifying_result r ON r.season = :season AND r.session_id = i.session_id
                            AND r.revision IN (i.revision, i.revision - 1)
    JOIN entry e ON e.id = r.entry_id
    WHERE i.revision > 1),
pair AS (
    SELECT session_id, driver_id, nth, o.fields AS old, n.fields AS new
    FROM (SELECT * FROM line WHERE NOT is_new) o FULL JOIN (SELECT * FROM line WHERE is_new) n
         USING (session_id, driver_id, nth)
    WHERE o.fields IS DISTINCT FROM n.fields),
item AS (
    SELECT p.session_id, p.driver_id, p.nth, k.field, p.old IS NULL AS is_added, p.new IS NULL AS is_removed,
           jsonb_build_object('driver_id', p.driver_id, 'change',
                              CASE WHEN p.old IS NULL THEN 'added' WHEN p.new IS NULL THEN 'removed' ELSE 'changed' END)
           || CASE WHEN p.old IS NULL THEN jsonb_build_object('new', jsonb_strip_nulls(p.new))
                   WHEN p.new IS NULL THEN jsonb_build_object('old', jsonb_strip_nulls(p.old))
                   ELSE jsonb_build_object('field', k.field, 'old', p.old -> k.field, 'new', p.new -> k.field)
              END AS item
    FROM pair p
    LEFT JOIN LATERAL (SELECT field FROM jsonb_object_keys(p.new) AS field
                       WHERE p.old IS NOT NULL AND p.old -> field IS DISTINCT FROM p.new -> field) k ON true),
written AS (
    UPDATE revision v SET changes = c.changes
    FROM (SELECT session_id, jsonb_agg(item ORDER BY driver_id, nth, field) AS changes FROM item GROUP BY session_id) c
    JOIN json_to_recordset(:sessions::json) AS i (session_id integer, revision integer) USING (session_id)
    WHERE v.session_id = i.session_id AND v.number = i.revision
    RETURNING 1)
SELECT count(*) FILTER (WHERE old IS NULL) AS inserted,
       count(*) FILTER (WHERE old IS NOT NULL AND new IS NOT NULL) AS changed,
       count(*) FILTER (WHERE new IS NULL) AS removed
FROM pair
