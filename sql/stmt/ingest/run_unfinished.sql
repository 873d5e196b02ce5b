-- summary: The last run of a command, if it did not end well and left steps behind
-- params: command, source
-- access: read
SELECT r.id FROM ingestion_run r
WHERE r.command = :command AND r.source = :source
  AND r.id = (SELECT max(id) FROM ingestion_run l WHERE l.command = r.command AND l.source = r.source)
  AND r.state <> 'success' AND EXISTS (SELECT FROM ingestion_step s WHERE s.run_id = r.id)
