-- summary: Jobs that wait, run, or failed for good, by kind
-- access: read
-- Those that ended otherwise are too many to be counted each time; whoever ran them counted them.
SELECT kind, state, count(*) AS jobs FROM (
    SELECT kind, lower(state) AS state FROM job WHERE state IN ('PENDING', 'RETRY')
    UNION ALL SELECT kind, 'started' FROM job WHERE state = 'STARTED'
    UNION ALL SELECT kind, 'failure' FROM job WHERE state = 'FAILURE') AS j
GROUP BY 1, 2
ORDER BY 1, 2
