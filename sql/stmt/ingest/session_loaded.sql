-- summary: Remembers what was loaded of a session's laps or pit stops
-- params: session, kind, digest, row_count, known_at, run
INSERT INTO session_load (session_id, kind, digest, row_count, loaded_at, run_id)
VALUES (:session, :kind, :digest, :row_count, :known_at, :run)
ON CONFLICT (session_id, kind) DO UPDATE SET digest = excluded.digest, row_count = excluded.row_count,
    loaded_at = excluded.loaded_at, run_id = excluded.run_id
