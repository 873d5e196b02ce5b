-- summary: A job that sends gives its key away, so that what comes from now on makes another
-- params: job
UPDATE job SET unique_key = NULL WHERE id = :job
