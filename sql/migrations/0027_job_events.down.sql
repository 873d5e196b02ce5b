DROP FUNCTION job_watch;
DROP TRIGGER job_tell_watched ON job;
DROP FUNCTION job_tell_watched;
ALTER TABLE job DROP watched_until;
