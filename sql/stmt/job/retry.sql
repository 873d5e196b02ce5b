-- summary: Lets an ended job run again
-- params: id, now
WITH done AS (SELECT * FROM job_retry(:id)),
noted AS (
    INSERT INTO audit_log (at, via, action, object_id, details)
    SELECT :now, 'f1boardctl', 'job.retry', id, jsonb_build_object('kind', kind) FROM done)
SELECT id, kind, state FROM done
