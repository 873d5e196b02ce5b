-- route: GET /api/v1/schedules
-- summary: What comes again by itself, and when
-- auth: admin jobs:read
-- cache: none
-- result: list
-- schema: payload JobPayload
-- example: /api/v1/schedules
SELECT name, summary, kind, payload, extract(epoch FROM period)::bigint AS period_seconds,
    extract(epoch FROM phase)::bigint AS phase_seconds, is_paused, is_off, next_at, last_at
FROM schedule ORDER BY name
