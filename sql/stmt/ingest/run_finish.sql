-- summary: Ends a run
-- params: run, state, requests, counts, error
UPDATE ingestion_run SET state = :state, finished_at = clock_timestamp(), requests = :requests, counts = :counts::jsonb,
    error = :error
WHERE id = :run
