-- route: POST /api/v1/sync
-- summary: Loads from upstream in the background; the answer is the job, or the one that does the same already
-- param: what body enum(season|race|qualifying|drivers|standings|current|weather) required
-- param: season body integer(1950..2199) -- the running one where it is not given; of weather: all races that are due
-- param: round body integer(1..99) -- of a race, a qualifying or the weather of a race
-- auth: admin jobs:run
-- cache: none
-- result: one
-- status: 202
-- schema: payload JobPayload
-- schema: progress JobProgress
-- schema: result JobResult
-- example: /api/v1/sync {"what": "season", "season": 2029}
WITH wanted AS (
    SELECT jsonb_strip_nulls(jsonb_build_object('what', :what::text, 'season', :season::integer,
                                                'round', :round::integer)) AS payload),
added AS (
    INSERT INTO job (kind, payload, priority, unique_key, run_at, requested_by)
    SELECT CASE :what WHEN 'weather' THEN 'weather' ELSE 'ingest' END, payload, 20, 'sync ' || payload::text, :now, :me
    FROM wanted
    ON CONFLICT (unique_key) WHERE state IN ('PENDING', 'STARTED', 'RETRY')
    DO UPDATE SET priority = least(job.priority, 20)
    RETURNING *),
noted AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
    SELECT :now, :me, :my_via, 'job.add', id,
           jsonb_strip_nulls(jsonb_build_object('kind', kind, 'payload', payload, 'key', :my_key::uuid))
    FROM added)
SELECT id, kind, payload, state, priority, attempts, attempts_max, run_at, retry_at, cancel_asked, progress, result,
    error_code, error, requested_by, created_at, started_at, finished_at FROM added
