-- Who raced where and when: seasons, circuits, constructors, drivers, races, sessions, entries.
--
-- Public ids are slugs that never change (the Ergast ids where there is one); a driver's three-letter code or car
-- number identifies nobody. A race keeps its id when its round number, date or venue changes.

CREATE DOMAIN slug AS text CHECK (VALUE ~ '^[a-z0-9][a-z0-9_-]{0,79}$');

CREATE TABLE season (
    year        integer PRIMARY KEY CHECK (year BETWEEN 1950 AND 2199),
    url         text
);

CREATE TABLE circuit (
    id          slug PRIMARY KEY,
    name        text NOT NULL CHECK (name <> ''),
    locality    text,
    country     text,
    latitude    numeric(9, 6) CHECK (latitude BETWEEN -90 AND 90),
    longitude   numeric(9, 6) CHECK (longitude BETWEEN -180 AND 180),
    url         text
);

-- What the results sources do not tell about a circuit; kept apart so that loading a schedule never touches it.
CREATE TABLE circuit_fact (
    circuit_id  slug PRIMARY KEY,
    length_km   numeric(6, 3) CHECK (length_km BETWEEN 1 AND 30),
    type        text CHECK (type IN ('street', 'permanent', 'road')),
    time_zone   text NOT NULL
);

CREATE TABLE constructor (
    id          slug PRIMARY KEY,
    name        text NOT NULL CHECK (name <> ''),
    nationality text NOT NULL DEFAULT '',
    url         text
);

CREATE TABLE driver (
    id          slug PRIMARY KEY,
    code        text CHECK (code ~ '^[A-Z]{3}$'),
    number      integer CHECK (number BETWEEN 0 AND 999),
    given_name  text NOT NULL,
    family_name text NOT NULL,
    nationality text NOT NULL DEFAULT '',
    birth_date  date,
    url         text,
    name        text NOT NULL GENERATED ALWAYS AS (btrim(given_name || ' ' || family_name)) STORED
);
CREATE INDEX driver_code ON driver (code);

-- Who takes part in a season, known before its first race and before any result.
CREATE TABLE season_driver (
    season      integer NOT NULL REFERENCES season,
    driver_id   slug NOT NULL REFERENCES driver,
    PRIMARY KEY (season, driver_id)
);
CREATE INDEX season_driver_driver ON season_driver (driver_id);

CREATE TABLE season_constructor (
    season         integer NOT NULL REFERENCES season,
    constructor_id slug NOT NULL REFERENCES constructor,
    PRIMARY KEY (season, constructor_id)
);
CREATE INDEX season_constructor_constructor ON season_constructor (constructor_id);

CREATE TABLE race (
    id          slug PRIMARY KEY,
    season      integer NOT NULL REFERENCES season,
    round       integer CHECK (round BETWEEN 1 AND 99),     -- NULL: cancelled and without a place in the calendar
    name        text NOT NULL CHECK (name <> ''),
    circuit_id  slug NOT NULL REFERENCES circuit,
    date        date NOT NULL,
    status      text NOT NULL DEFAULT 'scheduled' CHECK (status IN ('scheduled', 'completed', 'cancelled')),
    url         text,
    CONSTRAINT race_season_round UNIQUE (season, round) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT race_round_or_cancelled CHECK (round IS NOT NULL OR status = 'cancelled')
);
CREATE INDEX race_date ON race (date);
CREATE INDEX race_season_status ON race (season, status);
CREATE INDEX race_circuit ON race (circuit_id);
CREATE INDEX race_scheduled ON race (date) WHERE status = 'scheduled';

-- Which race a season and round meant, and when: round numbers move when races are cancelled or added.
CREATE TABLE race_alias (
    season      integer NOT NULL,
    round       integer NOT NULL,
    race_id     slug NOT NULL REFERENCES race ON DELETE CASCADE,
    valid_from  timestamptz NOT NULL DEFAULT now(),
    valid_to    timestamptz,
    CHECK (valid_to > valid_from)
);
CREATE UNIQUE INDEX race_alias_current ON race_alias (race_id) WHERE valid_to IS NULL;
CREATE INDEX race_alias_season_round ON race_alias (season, round, valid_from DESC);

CREATE FUNCTION race_alias_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.season, NEW.round) IS NOT DISTINCT FROM (OLD.season, OLD.round) THEN
            RETURN NULL;
        END IF;
        DELETE FROM race_alias WHERE race_id = NEW.id AND valid_to IS NULL AND valid_from = now();
        UPDATE race_alias SET valid_to = now() WHERE race_id = NEW.id AND valid_to IS NULL;
    END IF;
    IF NEW.round IS NOT NULL THEN
        INSERT INTO race_alias (season, round, race_id) VALUES (NEW.season, NEW.round, NEW.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER race_alias_keep AFTER INSERT OR UPDATE OF season, round ON race
    FOR EACH ROW EXECUTE FUNCTION race_alias_keep();

-- Lower case, Latin letters without their accents: what search compares and ids are made of.
CREATE FUNCTION plain_text(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT lower(translate(words, 'ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöøùúûüýÿ',
                                  'AAAAAACEEEEIIIINOOOOOOUUUUYaaaaaaceeeeiiiinoooooouuuuyy'))
$$;

-- The id a new race gets: its season and name in lower-case ASCII. Made once, never again, whatever changes later.
CREATE FUNCTION race_slug(season integer, name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT season || '-' || btrim(left(regexp_replace(plain_text(name), '[^a-z0-9]+', '-', 'g'), 70), '-')
$$;

CREATE TABLE session (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    race_id     slug NOT NULL REFERENCES race ON DELETE CASCADE,
    season      integer NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('practice_1', 'practice_2', 'practice_3', 'qualifying',
                                              'sprint_qualifying', 'sprint', 'race')),
    date        date NOT NULL,
    starts_at   timestamptz,                                -- NULL: only the date is known
    UNIQUE (race_id, kind),
    UNIQUE (id, season)
);
CREATE INDEX session_starts_at ON session (starts_at);

-- A car in a race weekend: a driver may have two (shared drives of the 1950s), a car may have two drivers.
CREATE TABLE entry (
    id             integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    season         integer NOT NULL,
    race_id        slug NOT NULL REFERENCES race ON DELETE CASCADE,
    driver_id      slug NOT NULL REFERENCES driver,
    constructor_id slug NOT NULL REFERENCES constructor,
    number         integer CHECK (number BETWEEN 0 AND 999),
    UNIQUE NULLS NOT DISTINCT (race_id, driver_id, constructor_id, number)
);
CREATE INDEX entry_driver ON entry (driver_id, season);
CREATE INDEX entry_constructor ON entry (constructor_id, season);

-- An instant in a zone's wall-clock time with its UTC offset (RFC 3339), for people; NULL where either is unknown. One
-- expression, neither strict nor with a FROM, so that the planner puts it in place instead of calling it.
CREATE FUNCTION local_time(at timestamptz, zone text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(at AT TIME ZONE zone, 'YYYY-MM-DD"T"HH24:MI:SS')
        || CASE WHEN at AT TIME ZONE zone < at AT TIME ZONE 'UTC' THEN '' ELSE '+' END
        || left(((at AT TIME ZONE zone) - (at AT TIME ZONE 'UTC'))::text, -3)
$$;
