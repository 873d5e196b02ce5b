-- summary: What a look at a session's results found, and when to look again
-- params: session, now
-- A session that was moved is asked for an hour after its new start; one without results is given up after a month.
UPDATE session_check c SET
    last_at = :now, revision = coalesce(v.number, 0),
    verified = CASE WHEN n.phase = 'poll' OR n.has_changed THEN 0 ELSE c.verified + 1 END,
    phase = CASE WHEN n.next_at IS NULL THEN 'done' ELSE n.phase END, next_at = n.next_at
FROM session s
LEFT JOIN LATERAL (SELECT number FROM revision WHERE session_id = s.id ORDER BY number DESC LIMIT 1) AS v ON true
JOIN session_check old ON old.session_id = s.id,
LATERAL (SELECT session_begin(s.starts_at, s.date) AS began, coalesce(v.number, 0) <> old.revision AS has_changed) AS f,
LATERAL (
    SELECT f.has_changed,
        CASE WHEN v.number IS NULL THEN 'poll' ELSE 'verify' END AS phase,
        CASE WHEN v.number IS NULL AND f.began + interval '30 days' < :now THEN NULL
             WHEN v.number IS NULL THEN greatest(:now::timestamptz, f.began) + interval '1 hour'
             WHEN f.has_changed OR old.verified < 2 THEN :now::timestamptz + interval '1 day'
        END AS next_at) AS n
WHERE s.id = :session AND c.session_id = s.id
RETURNING c.phase, c.revision, n.has_changed, c.next_at
