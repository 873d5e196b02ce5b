-- route: POST /api/v1/jobs/{job_id}/retry
-- summary: Lets a job that failed or was cancelled run again, or at once
-- param: job_id path integer(1..999999999999999)
-- auth: admin jobs:run
-- cache: none
-- result: one
-- schema: payload JobPayload
-- schema: progress JobProgress
-- schema: result JobResult
-- noun: job that failed, was cancelled, or waits to be tried again
-- example: /api/v1/jobs/1/retry
WITH done AS (SELECT * FROM job_retry(:job_id)),
noted AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
    SELECT :now, :me, :my_via, 'job.retry', id,
           jsonb_strip_nulls(jsonb_build_object('kind', kind, 'key', :my_key::uuid))
    FROM done)
SELECT * FROM done
