-- Background work: jobs that wait, run or ran, and the schedule that makes them.
--
-- Two clocks: run_at and next_at are by the clock the service shows (a replay of the past has its jobs too); leases and
-- pauses after failures are by the machine's, because they measure.

CREATE TABLE job (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL CHECK (kind ~ '^[a-z][a-z0-9_]{0,39}$'),
    payload       jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(payload) = 'object'),
    unique_key    text CHECK (length(unique_key) BETWEEN 1 AND 200),   -- of jobs that have not ended, one has it
    priority      smallint NOT NULL DEFAULT 50 CHECK (priority BETWEEN 0 AND 100),     -- smaller goes first
    run_at        timestamptz NOT NULL,
    state         text NOT NULL DEFAULT 'PENDING'
                  CHECK (state IN ('PENDING', 'STARTED', 'SUCCESS', 'FAILURE', 'RETRY', 'CANCELLED')),
    attempts      smallint NOT NULL DEFAULT 0,
    attempts_max  smallint NOT NULL DEFAULT 5 CHECK (attempts_max BETWEEN 1 AND 100),
    slot          smallint,                                 -- of a kind that only so many may run of at a time
    lease         uuid,                                     -- who runs it
    lease_until   timestamptz,                              -- then whoever ran it is dead
    retry_at      timestamptz,                              -- by the machine's clock: not before, after a failure
    cancel_asked  boolean NOT NULL DEFAULT false,           -- while it runs
    progress      jsonb,                                    -- {"done": 3, "total": 24, "doing": "2024/3/results"}
    result        jsonb,                                    -- what the job has to tell
    error_code    text,                                     -- why the last attempt failed
    error         text,
    requested_by  uuid,                                     -- the account that asked for it; NULL: the schedule
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at    timestamptz,
    finished_at   timestamptz,
    CHECK ((state = 'STARTED') = (lease IS NOT NULL)),
    CHECK ((state = 'STARTED') = (lease_until IS NOT NULL)),
    CHECK ((state IN ('SUCCESS', 'FAILURE', 'CANCELLED')) = (finished_at IS NOT NULL))
);
CREATE UNIQUE INDEX job_unique ON job (unique_key) WHERE state IN ('PENDING', 'STARTED', 'RETRY');
CREATE UNIQUE INDEX job_slot ON job (kind, slot) WHERE state = 'STARTED';
CREATE INDEX job_waiting ON job (priority, run_at, id) WHERE state IN ('PENDING', 'RETRY');
CREATE INDEX job_next ON job (run_at) WHERE state IN ('PENDING', 'RETRY');
CREATE INDEX job_lease ON job (lease_until) WHERE state = 'STARTED';
CREATE INDEX job_finished ON job (finished_at) WHERE finished_at IS NOT NULL;

-- The queue's table is rewritten all day, and is read through indexes of the few rows that wait.
ALTER TABLE job SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

CREATE FUNCTION job_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY f1board_job;
    RETURN NULL;
END $$;
-- A new job, or one that goes back or is to be stopped. What a runner writes of its own job wakes nobody.
CREATE TRIGGER job_tell_new AFTER INSERT ON job FOR EACH STATEMENT EXECUTE FUNCTION job_tell();
CREATE TRIGGER job_tell_again AFTER UPDATE OF state ON job
    FOR EACH ROW WHEN (NEW.state IN ('PENDING', 'RETRY')) EXECUTE FUNCTION job_tell();

-- A job as admins see it.
CREATE VIEW job_detail AS
SELECT id, kind, payload, state, priority, attempts, attempts_max, run_at, retry_at, cancel_asked, progress, result,
    error_code, error, requested_by, created_at, started_at, finished_at
FROM job;

-- What waits is cancelled at once, what runs is told to stop. No row: there is none, or it has ended.
CREATE FUNCTION job_cancel(which bigint) RETURNS SETOF job_detail LANGUAGE sql SET search_path FROM CURRENT AS $$
    UPDATE job SET cancel_asked = state = 'STARTED', state = CASE state WHEN 'STARTED' THEN state ELSE 'CANCELLED' END,
        finished_at = CASE WHEN state <> 'STARTED' THEN clock_timestamp() END
    WHERE id = which AND state IN ('PENDING', 'RETRY', 'STARTED');
    SELECT * FROM job_detail WHERE id = which AND (cancel_asked OR state = 'CANCELLED');
$$;

-- What failed or was cancelled waits again, and what waits after a failure waits no longer.
CREATE FUNCTION job_retry(which bigint) RETURNS SETOF job_detail LANGUAGE sql SET search_path FROM CURRENT AS $$
    UPDATE job SET state = 'PENDING', attempts = 0, retry_at = NULL, finished_at = NULL
    WHERE id = which AND state IN ('FAILURE', 'CANCELLED', 'RETRY');
    SELECT * FROM job_detail WHERE id = which AND state = 'PENDING';
$$;

-- When what comes again comes: at each whole period, counted from a Monday's midnight UTC, and phase later. '1 day' and
-- '2 hours' is 02:00 UTC.
CREATE TABLE schedule (
    name        text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_]{0,39}$'),
    kind        text NOT NULL CHECK (kind ~ '^[a-z][a-z0-9_]{0,39}$'),
    payload     jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(payload) = 'object'),
    priority    smallint NOT NULL DEFAULT 50 CHECK (priority BETWEEN 0 AND 100),
    period      interval NOT NULL CHECK (period >= '1 second' AND extract(month FROM period) = 0
                                         AND extract(year FROM period) = 0),
    phase       interval NOT NULL DEFAULT '0' CHECK (phase >= '0' AND phase < period),
    summary     text NOT NULL,
    is_paused   boolean NOT NULL DEFAULT false,
    next_at     timestamptz,                                -- NULL: not known yet
    last_at     timestamptz                                 -- when it was due last; jobs say what became of it
);

CREATE FUNCTION schedule_after(period interval, phase interval, at timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $$
    SELECT date_bin(period, at, '2000-01-03T00:00:00Z'::timestamptz + phase) + period
$$;

-- Makes a job of everything that is due, once however often it was missed, and says when the next will be. Of several
-- that call it, one finds each due.
CREATE FUNCTION schedule_run(shown timestamptz) RETURNS timestamptz LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM schedule
               WHERE NOT is_paused AND (next_at IS NULL OR next_at <= shown OR next_at > shown + period)) THEN
        WITH due AS (
            SELECT s.name, s.next_at <= shown AS is_due FROM schedule s
            WHERE NOT s.is_paused AND (s.next_at IS NULL OR s.next_at <= shown OR s.next_at > shown + s.period)
            FOR UPDATE SKIP LOCKED),
        moved AS (
            UPDATE schedule s
            SET next_at = schedule_after(s.period, s.phase, shown),
                last_at = CASE WHEN due.is_due THEN s.next_at ELSE s.last_at END
            FROM due WHERE s.name = due.name
            RETURNING s.name, s.kind, s.payload, s.priority, due.is_due)
        INSERT INTO job (kind, payload, priority, unique_key, run_at)
        SELECT kind, payload, priority, 'schedule ' || name, shown FROM moved WHERE is_due
        ON CONFLICT (unique_key) WHERE state IN ('PENDING', 'STARTED', 'RETRY') DO NOTHING;
    END IF;
    RETURN (SELECT min(next_at) FROM schedule WHERE NOT is_paused);
END $$;

-- A job of what is scheduled, out of its turn. No row: there is no such schedule, or its job waits or runs already.
CREATE FUNCTION schedule_now(which text, shown timestamptz, account uuid) RETURNS SETOF job_detail
LANGUAGE sql SET search_path FROM CURRENT AS $$
    WITH added AS (
        INSERT INTO job (kind, payload, priority, unique_key, run_at, requested_by)
        SELECT kind, payload, least(priority, 20), 'schedule ' || name, shown, account FROM schedule WHERE name = which
        ON CONFLICT (unique_key) WHERE state IN ('PENDING', 'STARTED', 'RETRY') DO NOTHING
        RETURNING *)
    SELECT id, kind, payload, state, priority, attempts, attempts_max, run_at, retry_at, cancel_asked, progress, result,
        error_code, error, requested_by, created_at, started_at, finished_at FROM added;
$$;

-- Whether the results of a session are there yet, and whether they stay: asked for every hour from an hour after its
-- start until they come, then looked at again a day, two and three days later. A change begins the three anew.
CREATE TABLE session_check (
    session_id  integer PRIMARY KEY REFERENCES session ON DELETE CASCADE,
    phase       text NOT NULL DEFAULT 'poll' CHECK (phase IN ('poll', 'verify', 'done')),
    revision    integer NOT NULL DEFAULT 0,                 -- the newest that was there at the last look; 0: none
    verified    smallint NOT NULL DEFAULT 0,                -- looks since the last change
    next_at     timestamptz,
    last_at     timestamptz,
    CHECK ((phase = 'done') = (next_at IS NULL))
);
CREATE INDEX session_check_next ON session_check (next_at) WHERE next_at IS NOT NULL;

-- When a session began, or a time by which it surely had where only its day is known.
CREATE FUNCTION session_begin(starts_at timestamptz, date date) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(starts_at, (date + time '20:00') AT TIME ZONE 'UTC')
$$;

INSERT INTO schedule (name, kind, payload, priority, period, phase, summary) VALUES
    ('daily_ingestion', 'ingest', '{"what": "current"}', 60, '1 day', '2 hours', 'The running season, every night'),
    ('season_review', 'ingest', '{"what": "season"}', 70, '7 days', '4 hours',
     'Everything of the running season again, every Monday: results change months later'),
    ('calendar', 'calendar', '{}', 60, '1 hour', '0', 'The running season every hour while a race weekend is near'),
    ('checks', 'plan_checks', '{}', 20, '1 minute', '0', 'Orders what asks for results that are due'),
    ('rankings', 'rankings', '{}', 70, '1 hour', '30 minutes', 'Ratings and rankings'),
    ('clean_up', 'clean_up', '{}', 90, '1 day', '3 hours', 'Forgets ended jobs, sessions and tokens');
