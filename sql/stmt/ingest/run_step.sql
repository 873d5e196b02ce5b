-- summary: A step is done
-- params: run, step
INSERT INTO ingestion_step (run_id, step) VALUES (:run, :step) ON CONFLICT DO NOTHING
