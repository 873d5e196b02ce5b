-- summary: A job gives its key away, so that what is ordered from now on is another job
-- params: job
UPDATE job SET unique_key = NULL WHERE id = :job
