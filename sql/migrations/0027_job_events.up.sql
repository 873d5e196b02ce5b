-- Jobs that somebody follows tell how they go on. Others do not: a queue that drains would tell it hundreds of times a
-- second to nobody.

ALTER TABLE job ADD watched_until timestamptz;              -- by the machine's clock; NULL: nobody ever did

CREATE FUNCTION job_tell_watched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('f1board_progress', NEW.id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER job_tell_watched AFTER UPDATE ON job FOR EACH ROW
    WHEN (NEW.watched_until IS NOT NULL AND NEW.watched_until > clock_timestamp()
          AND (OLD.state, OLD.progress, OLD.cancel_asked, OLD.attempts, OLD.priority, OLD.run_at, OLD.retry_at, OLD.error)
          IS DISTINCT FROM
          (NEW.state, NEW.progress, NEW.cancel_asked, NEW.attempts, NEW.priority, NEW.run_at, NEW.retry_at, NEW.error))
    EXECUTE FUNCTION job_tell_watched();

-- A job, of which every change is told on f1board_progress for at least a minute from here on. Whoever changes it in
-- this moment has the row: it is waited for, so that no change is missed between the mark and the look. Who looks for
-- a job to run passes over the row meanwhile, and is sent to look again.
CREATE FUNCTION job_watch(which bigint) RETURNS SETOF job_detail LANGUAGE sql SET search_path FROM CURRENT AS $$
    WITH marked AS (
        UPDATE job SET watched_until = clock_timestamp() + interval '2 minutes'
        WHERE id = which AND finished_at IS NULL
          AND (watched_until IS NULL OR watched_until < clock_timestamp() + interval '1 minute')
        RETURNING state)
    SELECT pg_notify('f1board_job', '') FROM marked WHERE state <> 'STARTED';
    SELECT * FROM job_detail WHERE id = which;
$$;
