-- summary: A job
-- params: id
-- access: read
SELECT * FROM job_detail WHERE id = :id
