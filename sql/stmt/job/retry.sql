-- summary: Lets an ended job run again
-- params: id
SELECT id, kind, state FROM job_retry(:id)
