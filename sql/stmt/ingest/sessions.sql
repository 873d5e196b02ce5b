-- summary: The sessions that the calendar names; one that it no longer names goes, unless there is data of it
-- params: season, rows
WITH incoming AS (
    SELECT r.id AS race_id, i.kind, i.date, (i.date || 'T' || i.time)::timestamptz AS starts_at
    FROM json_to_recordset(:rows::json) AS i (round integer, kind text, date date, time text)
    JOIN race r ON r.season = :season AND r.round = i.round),
kept AS (
    UPDATE session s SET is_planned = false
    WHERE s.season = :season AND s.race_id IN (SELECT race_id FROM incoming) AND s.is_planned
      AND NOT EXISTS (SELECT FROM incoming i WHERE i.race_id = s.race_id AND i.kind = s.kind)
      AND (EXISTS (SELECT FROM revision v WHERE v.session_id = s.id)
           OR EXISTS (SELECT FROM session_load l WHERE l.session_id = s.id))
    RETURNING 1),
gone AS (
    DELETE FROM session s
    WHERE s.season = :season AND s.race_id IN (SELECT race_id FROM incoming)
      AND NOT EXISTS (SELECT FROM incoming i WHERE i.race_id = s.race_id AND i.kind = s.kind)
      AND NOT EXISTS (SELECT FROM revision v WHERE v.session_id = s.id)
      AND NOT EXISTS (SELECT FROM session_load l WHERE l.session_id = s.id)
    RETURNING 1),
written AS (
    INSERT INTO session AS s (race_id, season, kind, date, starts_at)
    SELECT i.race_id, :season::integer, i.kind, i.date, i.starts_at
    FROM incoming i LEFT JOIN session o ON o.race_id = i.race_id AND o.kind = i.kind
    WHERE o.id IS NULL OR (i.date, i.starts_at, true) IS DISTINCT FROM (o.date, o.starts_at, o.is_planned)
    ON CONFLICT (race_id, kind) DO UPDATE SET date = excluded.date, starts_at = excluded.starts_at, is_planned = true
    RETURNING s.xmax = 0 AS is_new)
SELECT (SELECT count(*) FROM written WHERE is_new) AS inserted,
       (SELECT count(*) FROM written WHERE NOT is_new) + (SELECT count(*) FROM kept) AS changed,
       (SELECT count(*) FROM gone) AS removed
