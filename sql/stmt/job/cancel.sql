-- summary: Cancels a job, or tells it to stop
-- params: id, now
WITH done AS (SELECT * FROM job_cancel(:id)),
noted AS (
    INSERT INTO audit_log (at, via, action, object_id, details)
    SELECT :now, 'f1boardctl', 'job.cancel', id, jsonb_build_object('kind', kind) FROM done)
SELECT id, kind, state FROM done
