-- route: GET /api/v1/schedules/{name}
-- summary: One of those that come again by themselves
-- param: name path text(1..40)
-- auth: admin
-- cache: none
-- result: one
-- noun: schedule
-- schema: payload JobPayload
-- example: /api/v1/schedules/season_review
SELECT name, summary, kind, payload, extract(epoch FROM period)::bigint AS period_seconds,
    extract(epoch FROM phase)::bigint AS phase_seconds, is_paused, next_at, last_at
FROM schedule WHERE name = :name
