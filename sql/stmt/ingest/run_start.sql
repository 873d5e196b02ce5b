-- summary: Begins a run, with the finished steps of the one it resumes
-- params: command, source, resumes
WITH run AS (
    INSERT INTO ingestion_run (command, source, resumes) VALUES (:command, :source, :resumes) RETURNING id),
kept AS (
    INSERT INTO ingestion_step (run_id, step, done_at)
    SELECT run.id, s.step, s.done_at FROM run, ingestion_step s WHERE s.run_id = :resumes)
SELECT id FROM run
