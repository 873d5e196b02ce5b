-- summary: Remembers what was loaded of a session
-- params: session_key, list, digest, row_count, run
INSERT INTO openf1_load (session_key, list, digest, row_count, run_id)
VALUES (:session_key::integer, :list, :digest, :row_count::integer, :run::integer)
ON CONFLICT (session_key, list) DO UPDATE
SET digest = EXCLUDED.digest, row_count = EXCLUDED.row_count, run_id = EXCLUDED.run_id, loaded_at = EXCLUDED.loaded_at
