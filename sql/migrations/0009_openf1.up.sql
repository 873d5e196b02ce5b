-- What OpenF1 tells, as it tells it: a table for each of its lists, named openf1_ and the list, with its members as
-- columns. A list of a session is only ever replaced whole; "line" keeps the order in which it was published.

CREATE TABLE openf1_meetings (
    meeting_key           integer PRIMARY KEY,
    year                  integer NOT NULL,
    date_start            timestamptz NOT NULL,
    date_end              timestamptz,
    gmt_offset            text,
    is_cancelled          boolean,
    meeting_name          text,
    meeting_official_name text,
    meeting_code          text,
    location              text,
    country_key           integer,
    country_code          text,
    country_name          text,
    country_flag          text,
    circuit_key           integer,
    circuit_short_name    text,
    circuit_type          text,
    circuit_image         text,
    circuit_info_url      text
);
CREATE INDEX openf1_meetings_year ON openf1_meetings (year);

CREATE TABLE openf1_sessions (
    session_key         integer PRIMARY KEY,
    meeting_key         integer NOT NULL,
    year                integer NOT NULL,
    date_start          timestamptz NOT NULL,
    date_end            timestamptz,
    gmt_offset          text,
    is_cancelled        boolean,
    session_name        text,
    session_type        text,
    location            text,
    country_key         integer,
    country_code        text,
    country_name        text,
    circuit_key         integer,
    circuit_short_name  text,
    race_id             slug REFERENCES race ON DELETE SET NULL,       -- ours, where we have it: openf1_link
    session_id          integer REFERENCES session ON DELETE SET NULL
);
CREATE INDEX openf1_sessions_meeting ON openf1_sessions (meeting_key);
CREATE INDEX openf1_sessions_start ON openf1_sessions (date_start);
CREATE INDEX openf1_sessions_session ON openf1_sessions (session_id);
CREATE INDEX openf1_sessions_race ON openf1_sessions (race_id);

-- What was loaded of a session; equal digest, equal rows.
CREATE TABLE openf1_load (
    session_key     integer NOT NULL REFERENCES openf1_sessions ON DELETE CASCADE,
    list            text NOT NULL,
    digest          text NOT NULL,
    row_count       integer NOT NULL,
    loaded_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    run_id          integer,
    PRIMARY KEY (session_key, list)
);

CREATE TABLE openf1_drivers (
    session_key     integer NOT NULL REFERENCES openf1_sessions ON DELETE CASCADE,
    line            integer NOT NULL,
    meeting_key     integer NOT NULL,
    driver_number   integer NOT NULL,
    name_acronym    text,
    broadcast_name  text,
    first_name      text,
    last_name       text,
    full_name       text,
    team_name       text,
    team_colour     text,
    country_code    text,
    headshot_url    text,
    driver_id       slug REFERENCES driver ON DELETE SET NULL,         -- ours: openf1_link
    PRIMARY KEY (session_key, line)
);
CREATE INDEX openf1_drivers_driver ON openf1_drivers (driver_id);

CREATE TABLE openf1_position (
    session_key     integer NOT NULL REFERENCES openf1_sessions ON DELETE CASCADE,
    line            integer NOT NULL,
    meeting_key     integer NOT NULL,
    date            timestamptz NOT NULL,
    driver_number   integer NOT NULL,
    position        integer,
    PRIMARY KEY (session_key, line)
);

-- A gap is a number of seconds, a text like "+1 LAP", or null.
CREATE TABLE openf1_intervals (
    session_key     integer NOT NULL REFERENCES openf1_sessions ON DELETE CASCADE,
    line            integer NOT NULL,
    meeting_key     integer NOT NULL,
    date            timestamptz NOT NULL,
    driver_number   integer NOT NULL,
    gap_to_leader   jsonb,
    interval        jsonb,
    PRIMARY KEY (session_key, line)
);

CREATE TABLE openf1_laps (
    session_key       integer NOT NULL REFERENCES openf1_sessions ON DELETE CASCADE,
    line              integer NOT NULL,
    meeting_key       integer NOT NULL,
    driver_number     integer NOT NULL,
    lap_number        integer NOT NULL,
    date_start        timestamptz,
    lap_duration      numeric,
    duration_sector_1 numeric,
    duration_sector_2 numeric,
    duration_sector_3 numeric,
    i1_speed          numeric,
    i2_speed          numeric,
    st_speed          numeric,
    is_pit_out_lap    boolean,
    segments_sector_1 jsonb,
    segments_sector_2 jsonb,
    segments_sector_3 jsonb,
    PRIMARY KEY (session_key, line)
);
CREATE INDEX openf1_laps_driver ON openf1_laps (session_key, driver_number, lap_number);

CREATE TABLE openf1_pit (
    session_key     integer NOT NULL REFERENCES openf1_sessions ON DELETE CASCADE,
    line            integer NOT NULL,
    meeting_key     integer NOT NULL,
    date            timestamptz NOT NULL,
    driver_number   integer NOT NULL,
    lap_number      integer,
    pit_duration    numeric,
    lane_duration   numeric,
    stop_duration   numeric,
    PRIMARY KEY (session_key, line)
);

CREATE TABLE openf1_stints (
    session_key       integer NOT NULL REFERENCES openf1_sessions ON DELETE CASCADE,
    line              integer NOT NULL,
    meeting_key       integer NOT NULL,
    driver_number     integer NOT NULL,
    stint_number      integer,
    lap_start         integer,
    lap_end           integer,
    compound          text,
    tyre_age_at_start integer,
    PRIMARY KEY (session_key, line)
);

CREATE TABLE openf1_race_control (
    session_key      integer NOT NULL REFERENCES openf1_sessions ON DELETE CASCADE,
    line             integer NOT NULL,
    meeting_key      integer NOT NULL,
    date             timestamptz NOT NULL,
    category         text,
    driver_number    integer,
    flag             text,
    lap_number       integer,
    message          text,
    qualifying_phase integer,
    scope            text,
    sector           integer,
    PRIMARY KEY (session_key, line)
);

CREATE TABLE openf1_weather (
    session_key       integer NOT NULL REFERENCES openf1_sessions ON DELETE CASCADE,
    line              integer NOT NULL,
    meeting_key       integer NOT NULL,
    date              timestamptz NOT NULL,
    air_temperature   numeric,
    track_temperature numeric,
    humidity          numeric,
    pressure          numeric,
    rainfall          numeric,
    wind_direction    numeric,
    wind_speed        numeric,
    PRIMARY KEY (session_key, line)
);

CREATE TABLE openf1_overtakes (
    session_key              integer NOT NULL REFERENCES openf1_sessions ON DELETE CASCADE,
    line                     integer NOT NULL,
    meeting_key              integer NOT NULL,
    date                     timestamptz NOT NULL,
    overtaking_driver_number integer,
    overtaken_driver_number  integer,
    position                 integer,
    PRIMARY KEY (session_key, line)
);

-- Duration and gap are numbers, arrays of numbers (the parts of a qualifying), texts like "+1 LAP", or null.
CREATE TABLE openf1_session_result (
    session_key     integer NOT NULL REFERENCES openf1_sessions ON DELETE CASCADE,
    line            integer NOT NULL,
    meeting_key     integer NOT NULL,
    driver_number   integer NOT NULL,
    position        integer,
    points          numeric,
    number_of_laps  integer,
    duration        jsonb,
    gap_to_leader   jsonb,
    dnf             boolean,
    dns             boolean,
    dsq             boolean,
    PRIMARY KEY (session_key, line)
);

CREATE TABLE openf1_starting_grid (
    session_key     integer NOT NULL REFERENCES openf1_sessions ON DELETE CASCADE,
    line            integer NOT NULL,
    meeting_key     integer NOT NULL,
    driver_number   integer NOT NULL,
    position        integer,
    lap_duration    numeric,
    PRIMARY KEY (session_key, line)
);

CREATE TABLE openf1_team_radio (
    session_key     integer NOT NULL REFERENCES openf1_sessions ON DELETE CASCADE,
    line            integer NOT NULL,
    meeting_key     integer NOT NULL,
    date            timestamptz NOT NULL,
    driver_number   integer,
    recording_url   text,
    PRIMARY KEY (session_key, line)
);

CREATE TABLE openf1_championship_drivers (
    session_key      integer NOT NULL REFERENCES openf1_sessions ON DELETE CASCADE,
    line             integer NOT NULL,
    meeting_key      integer NOT NULL,
    driver_number    integer NOT NULL,
    position_start   integer,
    position_current integer,
    points_start     numeric,
    points_current   numeric,
    PRIMARY KEY (session_key, line)
);

CREATE TABLE openf1_championship_teams (
    session_key      integer NOT NULL REFERENCES openf1_sessions ON DELETE CASCADE,
    line             integer NOT NULL,
    meeting_key      integer NOT NULL,
    team_name        text NOT NULL,
    position_start   integer,
    position_current integer,
    points_start     numeric,
    points_current   numeric,
    PRIMARY KEY (session_key, line)
);

-- Telemetry, four samples a second of every car: a TimescaleDB hypertable where that extension was installed in this
-- database before, else partitions by year. A session is half a million rows of each, so there are no foreign keys.
DO $$
DECLARE
    timescale text := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
                       WHERE e.extname = 'timescaledb');
    series    record;
BEGIN
    FOR series IN SELECT * FROM (VALUES
        ('openf1_car_data', 'speed smallint, rpm smallint, n_gear smallint, throttle smallint, brake smallint, drs smallint'),
        ('openf1_location', 'x integer, y integer, z integer')) AS v (name, channels) LOOP
        EXECUTE format('CREATE TABLE %I (date timestamptz NOT NULL, session_key integer NOT NULL, '
                       'meeting_key integer NOT NULL, driver_number smallint NOT NULL, %s)%s', series.name,
                       series.channels, CASE WHEN timescale IS NULL THEN ' PARTITION BY RANGE (date)' ELSE '' END);
        IF timescale IS NOT NULL THEN
            EXECUTE format('SELECT %I.create_hypertable(%L, %L, chunk_time_interval => interval ''7 days'', '
                           'create_default_indexes => false)', timescale, 'f1board.' || series.name, 'date');
        END IF;
        EXECUTE format('CREATE INDEX %I ON %I (session_key, driver_number, date)', series.name || '_driver', series.name);
        EXECUTE format('CREATE INDEX %I ON %I USING brin (date)', series.name || '_date', series.name);
    END LOOP;
END $$;

-- The partitions for rows of a span of time, where there are partitions.
CREATE FUNCTION openf1_partitions(since timestamptz, until timestamptz) RETURNS void
LANGUAGE plpgsql SET client_min_messages = warning AS $$
DECLARE
    parent text;
BEGIN
    FOR parent IN SELECT relname FROM pg_class
                  WHERE oid IN ('openf1_car_data'::regclass, 'openf1_location'::regclass) AND relkind = 'p' LOOP
        FOR year IN extract(year FROM since)::integer .. extract(year FROM until)::integer LOOP
            EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                           parent || '_' || year, parent, year || '-01-01 00:00:00+00', year + 1 || '-01-01 00:00:00+00');
        END LOOP;
    END LOOP;
END $$;

-- A session's list in place of the one that was there.
CREATE FUNCTION openf1_replace(list text, of_session integer, rows json) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('DELETE FROM %I WHERE session_key = $1', 'openf1_' || list) USING of_session;
    EXECUTE format('INSERT INTO %1$I SELECT * FROM json_populate_recordset(NULL::%1$I, $1)', 'openf1_' || list)
        USING rows;
END $$;

-- Finds our race, session and driver to what OpenF1 tells. The race is the one within the days from a session's start
-- to the weekend's end; a driver is known by his number in that race, else by his code in that season.
CREATE FUNCTION openf1_link() RETURNS void LANGUAGE sql AS $$
    UPDATE openf1_sessions o SET race_id = n.race_id, session_id = n.session_id
    FROM (SELECT s.session_key, r.id AS race_id, t.id AS session_id
          FROM openf1_sessions s
          LEFT JOIN LATERAL (SELECT q.id FROM race q
                             WHERE q.season = s.year AND q.date BETWEEN s.date_start::date - 1 AND s.date_start::date + 4
                               AND s.session_name IN ('Practice 1', 'Practice 2', 'Practice 3', 'Qualifying', 'Sprint',
                                                      'Sprint Qualifying', 'Sprint Shootout', 'Race')
                             ORDER BY q.date LIMIT 1) AS r ON true
          LEFT JOIN session t ON t.race_id = r.id AND t.kind = CASE s.session_name
              WHEN 'Sprint Shootout' THEN 'sprint_qualifying' ELSE lower(replace(s.session_name, ' ', '_')) END) AS n
    WHERE o.session_key = n.session_key
      AND (o.race_id IS DISTINCT FROM n.race_id OR o.session_id IS DISTINCT FROM n.session_id);
    UPDATE openf1_drivers o SET driver_id = n.driver_id
    FROM (SELECT d.session_key, d.line,
                 coalesce((SELECT e.driver_id FROM entry e JOIN driver f ON f.id = e.driver_id
                           WHERE e.race_id = s.race_id AND e.number = d.driver_number
                           ORDER BY f.code IS DISTINCT FROM d.name_acronym, e.id LIMIT 1),
                          (SELECT y.driver_id FROM season_driver y JOIN driver f ON f.id = y.driver_id
                           WHERE y.season = s.year AND f.code = d.name_acronym ORDER BY f.id LIMIT 1)) AS driver_id
          FROM openf1_drivers d JOIN openf1_sessions s ON s.session_key = d.session_key) AS n
    WHERE o.session_key = n.session_key AND o.line = n.line AND o.driver_id IS DISTINCT FROM n.driver_id;
$$;

-- Links follow, whichever of the two sources comes first.
CREATE FUNCTION openf1_link_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM openf1_sessions) THEN
        PERFORM openf1_link();
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER openf1_link_keep AFTER INSERT OR UPDATE ON session
    FOR EACH STATEMENT EXECUTE FUNCTION openf1_link_keep();
CREATE TRIGGER openf1_link_keep AFTER INSERT ON entry FOR EACH STATEMENT EXECUTE FUNCTION openf1_link_keep();
CREATE TRIGGER openf1_link_keep AFTER INSERT ON season_driver FOR EACH STATEMENT EXECUTE FUNCTION openf1_link_keep();

-- --- What the endpoints share. A filter is a set of ranges, NULL where nothing is asked; what it is compared with has
-- the same type, so that texts and truth values need ranges of their own.

CREATE TYPE text_range AS RANGE (subtype = text, collation = "C", multirange_type_name = text_ranges);
CREATE TYPE boolean_range AS RANGE (subtype = boolean, multirange_type_name = boolean_ranges);

-- A value that may be a number, a text, or an array of them, of which one suffices.
CREATE FUNCTION json_is_in(value jsonb, numbers nummultirange, texts text_ranges) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE jsonb_typeof(value)
        WHEN 'number' THEN value::numeric <@ numbers
        WHEN 'string' THEN value #>> '{}' <@ texts
        WHEN 'array' THEN EXISTS (SELECT FROM jsonb_array_elements(value) AS e
                                  WHERE CASE jsonb_typeof(e) WHEN 'number' THEN e::numeric <@ numbers
                                                             WHEN 'string' THEN e #>> '{}' <@ texts END)
        ELSE false END
$$;

-- The ends of a filter, for an index to look between.
CREATE FUNCTION low_key(keys nummultirange) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT ceil(least(greatest(coalesce(lower(keys), -2147483648), -2147483648), 2147483647))::integer
$$;
CREATE FUNCTION high_key(keys nummultirange) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT floor(least(greatest(coalesce(upper(keys), 2147483647), -2147483648), 2147483647))::integer
$$;
CREATE FUNCTION low_time(times tstzmultirange) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(lower(times), '-infinity')
$$;
CREATE FUNCTION high_time(times tstzmultirange) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(upper(times), 'infinity')
$$;

-- The sessions that filters on session and meeting leave.
CREATE FUNCTION openf1_session_keys(session_keys nummultirange, meeting_keys nummultirange) RETURNS integer[]
LANGUAGE sql STABLE AS $$
    SELECT array_agg(s.session_key) FROM openf1_sessions s
    WHERE (session_keys IS NULL OR s.session_key BETWEEN low_key(session_keys) AND high_key(session_keys)
                                   AND s.session_key::numeric <@ session_keys)
      AND (meeting_keys IS NULL OR s.meeting_key::numeric <@ meeting_keys)
$$;

-- A time as OpenF1 writes it.
CREATE FUNCTION openf1_time(at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(at AT TIME ZONE 'UTC', CASE WHEN date_trunc('second', at) = at
                                          THEN 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'
                                          ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"' END)
$$;
