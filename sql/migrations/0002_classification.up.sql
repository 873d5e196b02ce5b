-- What happened in a session: classifications with their revisions, laps, pit stops.
--
-- A classification is only ever replaced whole. Each published state is a revision; its rows stay, only the newest
-- ones are "current". Rows are keyed by their line in the classification, because a driver may stand in it twice
-- and positions may be shared. Tables that grow are partitioned by season: by decade where a season is a few hundred
-- rows (a career spans 20 seasons and should not open 20 tables), by year where it is tens of thousands.

CREATE TABLE revision (
    session_id  integer NOT NULL,
    season      integer NOT NULL,
    number      integer NOT NULL CHECK (number > 0),
    known_at    timestamptz NOT NULL,                       -- when we learned it; as_of reads compare with this
    source      text NOT NULL,                              -- 'ergast', 'simulator', 'admin', …
    run_id      integer,
    digest      text NOT NULL,                              -- of the normalised rows: equal digest, equal content
    row_count   integer NOT NULL CHECK (row_count >= 0),
    changes     jsonb NOT NULL DEFAULT '[]',                -- what differs from the revision before, row by row
    PRIMARY KEY (session_id, number),
    FOREIGN KEY (session_id, season) REFERENCES session (id, season) ON DELETE CASCADE
);
CREATE INDEX revision_known_at ON revision (known_at);

-- Race and sprint.
CREATE TABLE result (
    season           integer NOT NULL,
    session_id       integer NOT NULL,
    revision         integer NOT NULL,
    line             integer NOT NULL CHECK (line > 0),     -- place in the published list, 1 first
    entry_id         integer NOT NULL REFERENCES entry,
    current          boolean NOT NULL DEFAULT true,
    position         integer CHECK (position > 0),          -- as published, retirements ranked too
    position_text    text NOT NULL CHECK (position_text ~ '^([0-9]+|[RDEWFN])$'),
    points           numeric NOT NULL CHECK (points >= 0),
    grid             integer CHECK (grid >= 0),             -- 0: from the pit lane or unknown
    laps             integer CHECK (laps >= 0),
    status           text NOT NULL CHECK (status <> ''),
    time_ms          bigint CHECK (time_ms > 0),            -- race time
    time_text        text,                                  -- as published: absolute for the winner, +gap for others
    fastest_rank     integer CHECK (fastest_rank >= 0),
    fastest_lap      integer CHECK (fastest_lap > 0),
    fastest_ms       integer CHECK (fastest_ms > 0),
    fastest_text     text,
    fastest_speed    numeric CHECK (fastest_speed > 0),
    fastest_unit     text,
    PRIMARY KEY (season, session_id, revision, line),
    FOREIGN KEY (session_id, revision) REFERENCES revision ON DELETE CASCADE
) PARTITION BY RANGE (season);
CREATE INDEX result_entry ON result (entry_id) WHERE current;

-- Qualifying and sprint qualifying. A part is as published, '' where the driver took part without a time.
CREATE TABLE qualifying_result (
    season           integer NOT NULL,
    session_id       integer NOT NULL,
    revision         integer NOT NULL,
    line             integer NOT NULL CHECK (line > 0),
    entry_id         integer NOT NULL REFERENCES entry,
    current          boolean NOT NULL DEFAULT true,
    position         integer CHECK (position > 0),
    q1_ms            integer CHECK (q1_ms > 0),
    q2_ms            integer CHECK (q2_ms > 0),
    q3_ms            integer CHECK (q3_ms > 0),
    q1_text          text,
    q2_text          text,
    q3_text          text,
    PRIMARY KEY (season, session_id, revision, line),
    FOREIGN KEY (session_id, revision) REFERENCES revision ON DELETE CASCADE
) PARTITION BY RANGE (season);
CREATE INDEX qualifying_result_entry ON qualifying_result (entry_id) WHERE current;

-- Laps and pit stops have no revisions; what is loaded is remembered so that an unchanged load changes nothing.
CREATE TABLE session_load (
    session_id  integer NOT NULL REFERENCES session ON DELETE CASCADE,
    kind        text NOT NULL CHECK (kind IN ('laps', 'pitstops')),
    digest      text NOT NULL,
    row_count   integer NOT NULL,
    loaded_at   timestamptz NOT NULL,
    run_id      integer,
    PRIMARY KEY (session_id, kind)
);

CREATE TABLE lap (
    season      integer NOT NULL,
    session_id  integer NOT NULL,
    driver_id   slug NOT NULL REFERENCES driver,
    lap         integer NOT NULL CHECK (lap > 0),
    position    integer CHECK (position > 0),
    time_ms     integer CHECK (time_ms > 0),
    PRIMARY KEY (season, session_id, lap, driver_id),
    FOREIGN KEY (session_id, season) REFERENCES session (id, season) ON DELETE CASCADE
) PARTITION BY RANGE (season);
CREATE INDEX lap_driver ON lap (session_id, driver_id, lap);

CREATE TABLE pit_stop (
    season      integer NOT NULL,
    session_id  integer NOT NULL,
    driver_id   slug NOT NULL REFERENCES driver,
    stop        integer NOT NULL CHECK (stop > 0),
    lap         integer NOT NULL CHECK (lap >= 0),
    local_time  time,                                       -- time of day at the circuit, where known
    duration_ms integer CHECK (duration_ms > 0),
    duration_text text,
    PRIMARY KEY (season, session_id, driver_id, stop),
    FOREIGN KEY (session_id, season) REFERENCES session (id, season) ON DELETE CASCADE
) PARTITION BY RANGE (season);

-- Makes the partitions a season needs. Runs when a season is inserted, so a load never finds one missing.
CREATE FUNCTION season_partitions(year integer) RETURNS void LANGUAGE plpgsql SET client_min_messages = warning AS $$
DECLARE
    part record;
    low  integer;
BEGIN
    FOR part IN SELECT * FROM (VALUES ('result', 10), ('qualifying_result', 10), ('pit_stop', 10), ('lap', 1))
                AS p (parent, span) LOOP
        low := year - year % part.span;
        EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%s) TO (%s)',
                       part.parent || '_' || low || CASE part.span WHEN 10 THEN 's' ELSE '' END,
                       part.parent, low, low + part.span);
    END LOOP;
END $$;

CREATE FUNCTION season_partitions_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM season_partitions(NEW.year);
    RETURN NULL;
END $$;
CREATE TRIGGER season_partitions_keep AFTER INSERT ON season
    FOR EACH ROW EXECUTE FUNCTION season_partitions_keep();
