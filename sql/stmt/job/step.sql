-- summary: A job goes on: prolongs its lease, notes its progress; a row says whether it should stop, none that it is lost
-- params: id, lease, lease_ms, progress
UPDATE job SET lease_until = clock_timestamp() + :lease_ms::bigint * interval '1 ms',
    progress = coalesce(:progress::jsonb, progress)
WHERE id = :id AND lease = :lease
RETURNING cancel_asked
