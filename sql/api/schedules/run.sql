-- route: POST /api/v1/schedules/{name}/run
-- summary: Runs what comes again by itself now, out of its turn
-- param: name path text(1..40)
-- auth: admin jobs:run
-- cache: none
-- result: one
-- status: 202
-- schema: payload JobPayload
-- schema: progress JobProgress
-- schema: result JobResult
-- noun: schedule whose job does not wait or run already
-- example: /api/v1/schedules/clean_up/run
WITH done AS (SELECT * FROM schedule_now(:name, :now, :me)),
noted AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
    SELECT :now, :me, :my_via, 'schedule.run', :name,
           jsonb_strip_nulls(jsonb_build_object('job', id, 'key', :my_key::uuid))
    FROM done)
SELECT * FROM done
