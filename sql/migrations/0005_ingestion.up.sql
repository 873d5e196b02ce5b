-- What ingestion did, what it may resume, and how often it may still ask upstream.

CREATE TABLE ingestion_run (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    command     text NOT NULL,                              -- 'season 2024': the same words resume the same work
    source      text NOT NULL,
    state       text NOT NULL DEFAULT 'started' CHECK (state IN ('started', 'success', 'failure')),
    resumes     integer REFERENCES ingestion_run,           -- the failed run whose finished steps were kept
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    requests    integer NOT NULL DEFAULT 0,
    counts      jsonb NOT NULL DEFAULT '{}',                -- rows seen, inserted, changed, removed by kind
    error       text
);
CREATE INDEX ingestion_run_command ON ingestion_run (command, id DESC);

-- A step is the unit of resumption: done means committed.
CREATE TABLE ingestion_step (
    run_id      integer NOT NULL REFERENCES ingestion_run ON DELETE CASCADE,
    step        text NOT NULL,
    done_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run_id, step)
);

-- One row per upstream is the lock, one row per request the memory of the last hour: limits hold over all processes
-- and nodes that share this database.
CREATE TABLE upstream (
    name        text PRIMARY KEY
);
CREATE TABLE upstream_request (
    upstream    text NOT NULL REFERENCES upstream ON DELETE CASCADE,
    at          timestamptz NOT NULL
);
CREATE INDEX upstream_request_at ON upstream_request (upstream, at DESC);

-- Books the next request if it may be sent within max_wait milliseconds, and says in how many, and which of the limits
-- makes it wait: counts[i] requests in seconds[i]. A request arrives some time after it was booked, and the next one
-- perhaps faster; so that upstream, too, sees no more than the limit, our windows are a bit longer.
CREATE FUNCTION upstream_reserve(upstream_name text, counts integer[], seconds integer[], max_wait bigint,
                                 OUT wait bigint, OUT by_limit integer, OUT booked boolean)
LANGUAGE plpgsql AS $$
DECLARE
    travel constant interval := '0.25 s';
    wall     timestamptz;
    slot     timestamptz;
    nth      timestamptz;
    span     interval;
BEGIN
    INSERT INTO upstream (name) VALUES (upstream_name) ON CONFLICT DO NOTHING;
    PERFORM FROM upstream WHERE name = upstream_name FOR UPDATE;
    wall := clock_timestamp();
    slot := wall;
    by_limit := 1;
    DELETE FROM upstream_request
    WHERE upstream = upstream_name
      AND at < wall - travel - greatest('1 hour', (SELECT max(s) FROM unnest(seconds) AS s) * interval '1 s');
    FOR i IN 1 .. cardinality(counts) LOOP
        span := seconds[i] * interval '1 s' + travel;
        SELECT at + span INTO nth FROM upstream_request WHERE upstream = upstream_name
            ORDER BY at DESC OFFSET counts[i] - 1 LIMIT 1;
        IF nth > slot THEN
            slot := nth;
            by_limit := i;
        END IF;
    END LOOP;
    wait := ceil(extract(epoch FROM slot - wall) * 1000);
    booked := wait <= max_wait;
    IF booked THEN
        INSERT INTO upstream_request (upstream, at) VALUES (upstream_name, slot);
    END IF;
END $$;
