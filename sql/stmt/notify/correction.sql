-- summary: Tells what a correction changed, unless it was times or grids alone, or is long past
-- params: event, now
WITH happened AS (
    SELECT e.*, one_line(r.name) AS race
    FROM event e JOIN race r ON r.id = e.race_id JOIN session s ON s.race_id = e.race_id AND s.kind = e.session
    WHERE e.id = :event AND e.at > :now::timestamptz - interval '4 days'
      AND session_begin(s.starts_at, s.date) > :now::timestamptz - interval '1 year'),
change AS (
    SELECT row_number() OVER (ORDER BY c.place, i.nth) AS nth, count(*) OVER () AS total,
           one_line(i.item -> 'driver' ->> 'name') || ': ' || CASE
               WHEN c.class = 'added' THEN 'is classified now'
               WHEN c.class = 'removed' THEN 'is no longer classified'
               ELSE format('%s%s → %s', CASE i.item ->> 'field' WHEN 'position' THEN 'place ' WHEN 'points' THEN 'points '
                                                               ELSE '' END,
                           coalesce(replace(one_line(i.item ->> 'old'), '_', ' '), 'none'),
                           coalesce(replace(one_line(i.item ->> 'new'), '_', ' '), 'none')) END AS line
    FROM happened h
    CROSS JOIN (VALUES ('new_dnf', 1), ('resolved_dnf', 2), ('added', 3), ('removed', 4), ('position_changes', 5),
                       ('point_changes', 6), ('status_changes', 7)) AS c (class, place)
    CROSS JOIN LATERAL jsonb_array_elements(h.payload -> 'diff' -> c.class) WITH ORDINALITY AS i (item, nth)),
said AS (
    SELECT string_agg(line, E'\n' ORDER BY nth) FILTER (WHERE nth <= 10)
           || CASE WHEN max(total) > 10 THEN format(E'\nand %s more', max(total) - 10) ELSE '' END AS text
    FROM change)
SELECT s.* FROM notification_send(ARRAY(
    SELECT ROW(
        'correction', format('%s %s %s', h.race_id, h.session, h.revision), z.time_zone,
        format('%s: %s results corrected', h.race, replace(h.session, '_', ' ')), t.text, h.race_id,
        format('/api/v1/races/%s/%s', h.race_id,
               CASE h.session WHEN 'race' THEN 'results' WHEN 'sprint' THEN 'sprint' ELSE 'qualifying' END),
        h.at, NULL, :now::timestamptz + interval '2 days')::notification_message
    FROM happened h JOIN said t ON t.text IS NOT NULL CROSS JOIN notification_zone z), :now, NULL) AS s
