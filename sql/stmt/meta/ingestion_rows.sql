-- summary: Rows that ingestion saw and wrote, by kind and by what became of them
-- access: read
SELECT kind.key AS kind, outcome.key AS outcome, sum(outcome.value::bigint) AS rows
FROM ingestion_run r, jsonb_each(r.counts) AS kind,
     jsonb_each_text(CASE jsonb_typeof(kind.value) WHEN 'object' THEN kind.value ELSE '{}' END) AS outcome
GROUP BY 1, 2
ORDER BY 1, 2
