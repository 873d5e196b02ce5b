-- route: POST /api/v1/jobs/{job_id}/cancel
-- summary: Cancels a job that waits, and stops one that runs at its next step
-- param: job_id path integer(1..999999999999999)
-- auth: admin jobs:run
-- cache: none
-- result: one
-- schema: payload JobPayload
-- schema: progress JobProgress
-- schema: result JobResult
-- noun: job that waits or runs
-- example: /api/v1/jobs/1/cancel
WITH done AS (SELECT * FROM job_cancel(:job_id)),
noted AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
    SELECT :now, :me, :my_via, 'job.cancel', id,
           jsonb_strip_nulls(jsonb_build_object('kind', kind, 'key', :my_key::uuid))
    FROM done)
SELECT * FROM done
