-- summary: The last runs, newest first
-- access: read
SELECT id, command, source, state, started_at, finished_at, requests, counts, error
FROM ingestion_run ORDER BY id DESC LIMIT 10
