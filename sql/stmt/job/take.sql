-- summary: Ends the runner's job, if it has one, and takes the next that is due
-- params: id, lease, state, retry_ms, result, error_code, error, kinds, most, now, lease_ms
-- One statement, so that a job costs one way to the server. The kinds that a runner knows and how many of each may run
-- at a time (0: any number) are two arrays; of two runners that take the same slot at once one breaks job_slot, and
-- tries again. What is ended goes first, so that its slot is free; as the table is read, it runs still, and is taken off
-- the number of those that run. That is counted in job_slot alone: other indexes hold all that waits, too.
WITH ended AS (
    UPDATE job SET
        state = :state,
        attempts = attempts - (:state = 'PENDING')::integer,    -- broken off by its runner, which is no attempt
        retry_at = clock_timestamp() + :retry_ms::bigint * interval '1 ms',
        lease = NULL, lease_until = NULL, slot = NULL, cancel_asked = false,
        result = coalesce(:result::jsonb, result), error_code = :error_code, error = :error,
        finished_at = CASE WHEN :state IN ('SUCCESS', 'FAILURE', 'CANCELLED') THEN clock_timestamp() END
    WHERE id = :id AND lease = :lease
    RETURNING id, kind),
limits AS (
    SELECT kind, most FROM unnest(:kinds::text[], :most::integer[]) AS k (kind, most) WHERE most > 0),
due AS (
    SELECT j.id, j.kind FROM job j
    WHERE (SELECT count(*) >= 0 FROM ended)
      AND j.state IN ('PENDING', 'RETRY') AND j.run_at <= :now AND j.kind = ANY (:kinds::text[])
      AND (j.retry_at IS NULL OR j.retry_at <= clock_timestamp())
      AND j.kind <> ALL (ARRAY(
          SELECT l.kind FROM limits l
          WHERE (SELECT count(*) FROM job r WHERE r.kind = l.kind AND r.slot > 0 AND r.state = 'STARTED')
                - (SELECT count(*) FROM ended e WHERE e.kind = l.kind) >= l.most))
    ORDER BY j.priority, j.run_at, j.id LIMIT 1 FOR UPDATE SKIP LOCKED),
taken AS (
    UPDATE job SET state = 'STARTED', attempts = attempts + 1, started_at = clock_timestamp(), progress = NULL,
        lease = gen_random_uuid(), lease_until = clock_timestamp() + :lease_ms::bigint * interval '1 ms',
        slot = (SELECT min(s) FROM limits l, generate_series(1, l.most) AS s
                WHERE l.kind = due.kind AND NOT EXISTS (
                    SELECT FROM job r WHERE r.kind = due.kind AND r.slot = s AND r.state = 'STARTED'
                    AND r.id IS DISTINCT FROM :id))
    FROM due WHERE job.id = due.id
    RETURNING job.id, job.kind, job.payload, job.attempts, job.attempts_max, job.lease)
SELECT (SELECT count(*) FROM ended) AS ended, taken.* FROM (VALUES (1)) AS always LEFT JOIN taken ON true
