-- summary: New revisions of sessions whose classification changed
-- params: season, sessions, known_at, source, run
INSERT INTO revision (session_id, season, number, known_at, source, run_id, digest, row_count)
SELECT i.session_id, :season::integer, i.revision, :known_at::timestamptz, :source, :run::integer, i.digest, i.row_count
FROM json_to_recordset(:sessions::json) AS i (session_id integer, revision integer, digest text, row_count integer)
