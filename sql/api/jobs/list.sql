-- route: GET /api/v1/jobs
-- summary: Background jobs, the newest first
-- param: state query enum(PENDING|STARTED|SUCCESS|FAILURE|RETRY|CANCELLED) optional
-- param: kind query text(1..40) optional
-- auth: admin jobs:read
-- cache: none
-- result: list
-- schema: payload JobPayload
-- schema: progress JobProgress
-- schema: result JobResult
-- example: /api/v1/jobs?state=FAILURE&limit=5
SELECT * FROM job_detail
WHERE (state = :state OR :state IS NULL) AND (kind = :kind OR :kind IS NULL)
ORDER BY id DESC
