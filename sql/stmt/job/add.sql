-- summary: A job more, unless one with its key waits or runs
-- params: kind, payload, key, priority, run_at, attempts_max, requested_by
INSERT INTO job (kind, payload, unique_key, priority, run_at, attempts_max, requested_by)
VALUES (:kind, coalesce(:payload, '{}')::jsonb, :key, coalesce(:priority, 50), :run_at, coalesce(:attempts_max, 5),
        :requested_by)
ON CONFLICT (unique_key) WHERE state IN ('PENDING', 'STARTED', 'RETRY') DO NOTHING
RETURNING id
