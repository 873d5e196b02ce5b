-- summary: When nothing is to be done: jobs of the dead go back, due ones are made; when to look again
-- params: now, kinds
-- What is_ready tells could be taken, unless too many of its kind run. next_at is as RFC 3339 has it.
WITH lost AS (
    SELECT id FROM job WHERE state = 'STARTED' AND lease_until < clock_timestamp() FOR UPDATE SKIP LOCKED),
back AS (
    UPDATE job SET
        state = CASE WHEN cancel_asked THEN 'CANCELLED' WHEN attempts < attempts_max THEN 'RETRY' ELSE 'FAILURE' END,
        finished_at = CASE WHEN cancel_asked OR attempts >= attempts_max THEN clock_timestamp() END,
        lease = NULL, lease_until = NULL, slot = NULL, cancel_asked = false,
        error_code = 'lost', error = 'who ran it ended without a word'
    FROM lost WHERE job.id = lost.id
    RETURNING job.id),
waiting AS (
    SELECT run_at, retry_at FROM job
    WHERE state IN ('PENDING', 'RETRY') AND kind = ANY (:kinds::text[])
      AND (run_at > :now OR retry_at > clock_timestamp()))
SELECT (SELECT count(*) FROM back) AS lost,
    to_json(least(schedule_run(:now), (SELECT min(run_at) FROM waiting WHERE run_at > :now))) #>> '{}' AS next_at,
    (SELECT ceil(extract(epoch FROM min(retry_at) - clock_timestamp()) * 1000)::bigint FROM waiting
     WHERE run_at <= :now) AS retry_ms,
    EXISTS (SELECT FROM job
            WHERE state IN ('PENDING', 'RETRY') AND run_at <= :now AND kind = ANY (:kinds::text[])
              AND (retry_at IS NULL OR retry_at <= clock_timestamp())) AS is_ready
