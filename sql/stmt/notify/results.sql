-- summary: Tells who leads a classification that came, if its session was of late
-- params: event, now
WITH happened AS (
    SELECT e.*, s.id AS session_id, s.season, one_line(r.name) AS race
    FROM event e JOIN race r ON r.id = e.race_id JOIN session s ON s.race_id = e.race_id AND s.kind = e.session
    WHERE e.id = :event AND session_begin(s.starts_at, s.date) > :now::timestamptz - interval '4 days'),
top AS (
    SELECT string_agg(format('%s. %s (%s)', c.position, one_line(d.name), one_line(k.name)), E'\n' ORDER BY c.line)
           AS text
    FROM (SELECT x.line, x.position, x.entry_id FROM happened h JOIN result x
          ON x.season = h.season AND x.session_id = h.session_id AND x.revision = h.revision
          UNION ALL
          SELECT x.line, x.position, x.entry_id FROM happened h JOIN qualifying_result x
          ON x.season = h.season AND x.session_id = h.session_id AND x.revision = h.revision) AS c
    JOIN entry e ON e.id = c.entry_id JOIN driver d ON d.id = e.driver_id
    JOIN constructor k ON k.id = e.constructor_id
    WHERE c.line <= 3 AND c.position IS NOT NULL)
SELECT s.* FROM notification_send(ARRAY(
    SELECT ROW(
        'results', h.race_id || ' ' || h.session, z.time_zone,
        format('%s: %s results', h.race, replace(h.session, '_', ' ')),
        coalesce(t.text, 'They are there.'), h.race_id,
        format('/api/v1/races/%s/%s', h.race_id,
               CASE h.session WHEN 'race' THEN 'results' WHEN 'sprint' THEN 'sprint' ELSE 'qualifying' END),
        h.at, NULL, :now::timestamptz + interval '2 days')::notification_message
    FROM happened h CROSS JOIN top t CROSS JOIN notification_zone z), :now, NULL) AS s
