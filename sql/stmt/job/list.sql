-- summary: The newest jobs
-- params: state, kind
-- access: read
SELECT id, kind, state, attempts, attempts_max, run_at, finished_at, payload, progress, error FROM job_detail
WHERE (state = :state OR :state IS NULL) AND (kind = :kind OR :kind IS NULL)
ORDER BY id DESC LIMIT 50
