-- route: PATCH /api/v1/schedules/{name}
-- summary: Pauses or resumes what comes again by itself
-- param: name path text(1..40)
-- param: is_paused body boolean required
-- auth: admin jobs:run
-- cache: none
-- match: optional
-- result: one
-- noun: schedule
-- schema: payload JobPayload
-- example: /api/v1/schedules/season_review {"is_paused": true}
WITH changed AS (
    UPDATE schedule SET is_paused = :is_paused, next_at = NULL WHERE name = :name RETURNING *),
noted AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
    SELECT :now, :me, :my_via, 'schedule.change', name,
           jsonb_strip_nulls(jsonb_build_object('is_paused', is_paused, 'key', :my_key::uuid))
    FROM changed)
SELECT name, summary, kind, payload, extract(epoch FROM period)::bigint AS period_seconds,
    extract(epoch FROM phase)::bigint AS phase_seconds, is_paused, is_off, next_at, last_at
FROM changed
