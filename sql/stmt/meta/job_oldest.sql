-- summary: For how long the oldest job that could be run has waited
-- params: now
-- access: read
SELECT coalesce(extract(epoch FROM :now::timestamptz - min(run_at)), 0) AS seconds FROM job
WHERE state IN ('PENDING', 'RETRY') AND run_at <= :now AND (retry_at IS NULL OR retry_at <= clock_timestamp())
