-- summary: Reminds of races that start, and of predictions that close, as long before as each user wants
-- params: now, most
-- What has begun is past reminding. A race of which only the day is known starts with it; one that is moved is
-- something else to be reminded of.
WITH moment AS (
    SELECT m.*, r.id AS race_id, one_line(r.name) AS race, one_line(c.name) AS circuit, r.date
    FROM race r JOIN circuit c ON c.id = r.circuit_id
    CROSS JOIN LATERAL (
        SELECT 'race_reminder', s.kind, coalesce(s.starts_at, s.date::timestamp AT TIME ZONE 'UTC'), s.starts_at IS NULL
        FROM session s WHERE s.race_id = r.id AND s.kind = 'race'
        UNION ALL
        SELECT 'lock_soon', l.session, l.at, false FROM race_lock(r.id) AS l) AS m (kind, session, at, is_day)
    WHERE r.date BETWEEN :now::timestamptz::date - 1 AND :now::timestamptz::date + 10 AND r.status <> 'cancelled'
      AND m.at > :now AND m.at <= :now::timestamptz + interval '168 hours')
SELECT s.* FROM notification_send(ARRAY(
    SELECT ROW(
        m.kind, m.race_id || ' ' || utc_text(m.at), z.time_zone,
        CASE WHEN m.is_day THEN format('%s: %s', m.race, to_char(m.date, 'FMDay FMDD FMMonth'))
             ELSE format(CASE m.kind WHEN 'lock_soon' THEN '%s: predictions close %s' ELSE '%s: %s' END, m.race,
                         to_char(m.at AT TIME ZONE z.shown_zone, 'FMDay FMDD FMMonth, HH24:MI')) END,
        CASE WHEN m.is_day THEN format('The %s at %s is on %s.', m.race, m.circuit, date_words(m.date))
             WHEN m.kind = 'lock_soon' THEN
                 format('Predictions for the %s close on %s, when %s begins.', m.race, time_words(m.at, z.shown_zone),
                        CASE m.session WHEN 'race' THEN 'the race' WHEN 'sprint' THEN 'the sprint'
                                       ELSE replace(m.session, '_', ' ') END)
             ELSE format('The %s at %s starts on %s.', m.race, m.circuit, time_words(m.at, z.shown_zone)) END,
        m.race_id, '/api/v1/races/' || m.race_id, NULL, m.at, m.at)::notification_message
    FROM moment m CROSS JOIN notification_zone z), :now, :most) AS s
