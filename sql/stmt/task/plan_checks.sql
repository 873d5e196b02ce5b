-- summary: Orders a job for every session whose results are to be looked at
-- params: now
-- Sessions of the running season, and of the one before in its last weeks. Results that were loaded days after the
-- session count as looked at: nightly ingestion sees their changes.
WITH fresh AS (
    INSERT INTO session_check (session_id, phase, revision, next_at)
    SELECT s.id,
           CASE WHEN v.number IS NULL THEN 'poll' WHEN f.is_recent THEN 'verify' ELSE 'done' END, coalesce(v.number, 0),
           CASE WHEN v.number IS NULL THEN :now WHEN f.is_recent THEN v.known_at + interval '1 day' END
    FROM session s
    JOIN race r ON r.id = s.race_id
    LEFT JOIN LATERAL (SELECT number, known_at FROM revision WHERE session_id = s.id ORDER BY number DESC LIMIT 1) AS v
        ON true,
    LATERAL (SELECT session_begin(s.starts_at, s.date) AS began) AS b,
    LATERAL (SELECT b.began + interval '4 days' > :now AS is_recent) AS f
    WHERE s.kind IN ('qualifying', 'sprint', 'race') AND r.status <> 'cancelled'
      AND s.season >= extract(year FROM :now::timestamptz - interval '30 days')
      AND b.began + interval '1 hour' <= :now
    ON CONFLICT (session_id) DO NOTHING
    RETURNING session_id, next_at),
due AS (
    SELECT session_id FROM session_check WHERE next_at <= :now
    UNION SELECT session_id FROM fresh WHERE next_at <= :now)
INSERT INTO job (kind, payload, unique_key, priority, run_at)
SELECT 'check_results', jsonb_build_object('session', session_id), 'check_results ' || session_id, 30, :now FROM due
ON CONFLICT (unique_key) WHERE state IN ('PENDING', 'STARTED', 'RETRY') DO NOTHING
