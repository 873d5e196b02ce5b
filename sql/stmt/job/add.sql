-- summary: A job more, unless one with its key waits or runs; noted in the audit log where somebody orders it by hand
-- params: kind, payload, key, priority, run_at, attempts_max, requested_by, via, now
WITH added AS (
    INSERT INTO job (kind, payload, unique_key, priority, run_at, attempts_max, requested_by)
    VALUES (:kind, coalesce(:payload, '{}')::jsonb, :key, coalesce(:priority, 50), :run_at,
            coalesce(:attempts_max, 5), :requested_by)
    ON CONFLICT (unique_key) WHERE state IN ('PENDING', 'STARTED', 'RETRY') DO NOTHING
    RETURNING id, kind, payload, requested_by),
noted AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
    SELECT :now, requested_by, :via::text, 'job.add', id, jsonb_build_object('kind', kind, 'payload', payload)
    FROM added WHERE :via::text IS NOT NULL)
SELECT id FROM added
