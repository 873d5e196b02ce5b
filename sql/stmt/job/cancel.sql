-- summary: Cancels a job, or tells it to stop
-- params: id
SELECT id, kind, state FROM job_cancel(:id)
