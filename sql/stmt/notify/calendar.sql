-- summary: Tells that a race was moved, cancelled or revived, if it is still to come
-- params: event, now
WITH happened AS (
    SELECT e.*, one_line(r.name) AS race, one_line(c.name) AS circuit, r.date,
           coalesce(e.payload -> 'date', e.payload -> 'circuit_id') IS NULL
           AND NOT coalesce(e.payload -> 'sessions' @> '[{"session": "race"}]', false) AS is_around_race
    FROM event e JOIN race r ON r.id = e.race_id JOIN circuit c ON c.id = r.circuit_id
    WHERE e.id = :event AND r.date >= :now::timestamptz::date),
programme AS (                                              -- of the sessions that were moved, or all there are
    SELECT z.time_zone, string_agg(format('%s: %s', initcap(replace(s.kind, '_', ' ')),
                                          coalesce(time_words(s.starts_at, z.shown_zone), date_words(s.date))),
                                   E'\n' ORDER BY s.date, s.starts_at, s.id) AS text
    FROM happened h
    JOIN session s ON s.race_id = h.race_id AND s.is_planned
    CROSS JOIN notification_zone z
    WHERE h.kind = 'race_revived' OR h.payload -> 'sessions' @> jsonb_build_array(jsonb_build_object('session', s.kind))
    GROUP BY z.time_zone)
SELECT n.* FROM notification_send(ARRAY(
    SELECT ROW(
        'calendar', format('%s event %s', h.race_id, h.id), z.time_zone,
        format(CASE h.kind WHEN 'race_cancelled' THEN '%s: cancelled' WHEN 'race_revived' THEN '%s: back in the calendar'
                           ELSE CASE WHEN h.is_around_race THEN '%s: new times' ELSE '%s: moved' END END, h.race),
        CASE h.kind
            WHEN 'race_cancelled' THEN format('The %s, planned for %s, was cancelled.', h.race, date_words(h.date))
            WHEN 'race_revived' THEN format('The %s takes place at %s on %s.', h.race, h.circuit, date_words(h.date))
            ELSE format('The programme of the %s at %s on %s has changed.', h.race, h.circuit, date_words(h.date)) END
        || coalesce(CASE WHEN h.kind <> 'race_cancelled' THEN E'\n' || p.text END, ''),
        h.race_id, '/api/v1/races/' || h.race_id, h.at, NULL,
        :now::timestamptz + interval '2 days')::notification_message
    FROM happened h CROSS JOIN notification_zone z LEFT JOIN programme p ON p.time_zone = z.time_zone), :now, NULL) AS n
