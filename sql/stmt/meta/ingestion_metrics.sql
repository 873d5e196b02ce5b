-- summary: What ingestion did, by the host that it asked; files have none
-- access: read
SELECT source, source AS upstream, sum(requests) AS requests,
       count(*) FILTER (WHERE state = 'success') AS successes,
       count(*) FILTER (WHERE state = 'failure') AS failures,
       extract(epoch FROM max(finished_at) FILTER (WHERE state = 'success')) AS last_success,
       extract(epoch FROM max(finished_at) FILTER (WHERE state = 'failure')) AS last_failure
FROM (SELECT coalesce(lower(substring(source FROM '^https?://(?:[^/@]*@)?([^/:]+)')), 'file') AS source,
             requests, state, finished_at
      FROM ingestion_run) AS run
GROUP BY source
ORDER BY source
