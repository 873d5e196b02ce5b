-- summary: Finished steps of a run
-- params: run
-- access: read
SELECT step FROM ingestion_step WHERE run_id = :run
