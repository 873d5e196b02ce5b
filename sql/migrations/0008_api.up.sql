-- What the endpoints of sql/api share. The functions are plain SQL in FROM or in an expression, so the planner puts
-- their bodies in place; none of them is ever called.

-- A race by its id, or by season and round: the race that has this place in the calendar, else the last that had it.
CREATE FUNCTION find_race(race_id text, of_season integer, of_round integer) RETURNS SETOF race
LANGUAGE sql STABLE AS $$
    SELECT r.* FROM race r
    WHERE r.id = coalesce($1, (SELECT a.race_id FROM race_alias a WHERE a.season = $2 AND a.round = $3
                               ORDER BY a.valid_to DESC NULLS FIRST LIMIT 1))
$$;

-- A session's classification as it stood at an instant (NULL: now). What was loaded long after the event is taken to
-- have been so from the session's start on; before that there is no row.
CREATE FUNCTION find_revision(session_id integer, started timestamptz, as_of timestamptz)
RETURNS TABLE (number integer) LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT v.number FROM revision v
                     WHERE v.session_id = $1 AND (v.known_at <= $3 OR $3 IS NULL)
                     ORDER BY v.number DESC LIMIT 1),
                    CASE WHEN $2 <= $3 THEN 1 END)
$$;

-- The race whose standings are asked for: of a season after a round, of a season after its latest race, or (no season)
-- the latest by the clock.
CREATE FUNCTION find_standing(of_season integer, of_round integer, at timestamptz)
RETURNS TABLE (race_id slug) LANGUAGE sql STABLE AS $$
    SELECT r.id FROM race r
    WHERE r.season BETWEEN coalesce($1, 1950) AND coalesce($1, 2199)
      AND (r.round = $2 OR $2 IS NULL) AND (r.date <= $3::date OR $1 IS NOT NULL)
      AND EXISTS (SELECT FROM driver_standing s WHERE s.race_id = r.id)
    ORDER BY r.season DESC, r.round DESC LIMIT 1
$$;

-- By the clock: the first race yet to start and the latest that has started; where only the date is known, at its end.
CREATE FUNCTION next_race(at timestamptz) RETURNS SETOF race LANGUAGE sql STABLE AS $$
    SELECT r.* FROM race r LEFT JOIN session s ON s.race_id = r.id AND s.kind = 'race'
    WHERE r.date >= ($1 - interval '1 day')::date AND coalesce(s.starts_at, r.date + 1) > $1 AND r.status <> 'cancelled'
    ORDER BY r.date, s.starts_at LIMIT 1
$$;
CREATE FUNCTION last_race(at timestamptz) RETURNS SETOF race LANGUAGE sql STABLE AS $$
    SELECT r.* FROM race r LEFT JOIN session s ON s.race_id = r.id AND s.kind = 'race'
    WHERE r.date <= ($1 + interval '1 day')::date AND coalesce(s.starts_at, r.date + 1) <= $1 AND r.status <> 'cancelled'
    ORDER BY r.date DESC, s.starts_at DESC LIMIT 1
$$;

-- The race that decided a season.
CREATE VIEW season_end AS
    SELECT r.id AS race_id FROM race r
    WHERE r.status = 'completed'
      AND NOT EXISTS (SELECT FROM race n WHERE n.season = r.season AND n.round > r.round AND n.status <> 'cancelled');
CREATE INDEX driver_standing_leader ON driver_standing (driver_id) WHERE position = 1;
CREATE INDEX constructor_standing_leader ON constructor_standing (constructor_id) WHERE position = 1;

-- Lists: what search looks into, and the orders that would else be made anew for every page.
ALTER TABLE driver ADD COLUMN search text NOT NULL
    GENERATED ALWAYS AS (plain_text(given_name || ' ' || family_name || ' ' || id || ' ' || coalesce(code, ''))) STORED;
ALTER TABLE constructor ADD COLUMN search text NOT NULL GENERATED ALWAYS AS (plain_text(name || ' ' || id)) STORED;
CREATE INDEX driver_plain_name ON driver (plain_text(family_name), plain_text(given_name), id);
CREATE INDEX race_season_date ON race (season, date, round, id);

-- A lap time as people write it: 1:32.608, 58.214, 2:03:17.500. NULL for NULL.
CREATE FUNCTION lap_text(ms bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT ltrim(to_char(ms * interval '1 millisecond', 'HH24:MI:SS.MS'), '0:')
$$;

-- RFC 3339 for timestamps inside JSON that is built here.
CREATE FUNCTION utc_text(at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;

-- The published letter or place in words.
CREATE FUNCTION outcome(position_text text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE position_text WHEN 'R' THEN 'retired' WHEN 'D' THEN 'disqualified' WHEN 'W' THEN 'withdrawn'
                              WHEN 'N' THEN 'not_classified' WHEN 'E' THEN 'excluded' WHEN 'F' THEN 'did_not_qualify'
                              ELSE 'finished' END
$$;

-- A race as every list of races shows it, and with all there is about its weekend. Outer joins, because they cannot
-- change the order in which an index gives the races: a page is read without the rest of the list.
CREATE VIEW race_item AS
    SELECT r.id, r.season, r.round, r.name, r.status, r.date, s.starts_at,
           local_time(s.starts_at, f.time_zone) AS starts_at_local, f.time_zone,
           r.circuit_id AS "circuit.id", c.name AS "circuit.name", c.locality, c.country, r.url
    FROM race r
    LEFT JOIN circuit c ON c.id = r.circuit_id
    LEFT JOIN circuit_fact f ON f.circuit_id = c.id
    LEFT JOIN session s ON s.race_id = r.id AND s.kind = 'race';
CREATE VIEW race_detail AS
    SELECT i.*,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', s.kind, 'date', s.date,
                                                         'starts_at', utc_text(s.starts_at),
                                                         'starts_at_local', local_time(s.starts_at, i.time_zone))
                                      ORDER BY s.date, s.starts_at, s.id), '[]')
            FROM session s WHERE s.race_id = i.id) AS sessions,
           w.temperature AS "weather.temperature", w.precipitation_mm AS "weather.precipitation_mm",
           w.wind_kmh AS "weather.wind_kmh", w.conditions AS "weather.conditions"
    FROM race_item i LEFT JOIN weather w ON w.race_id = i.id;

-- Races and sprints as career figures count them: once each, however many lines a driver or a constructor has there.
CREATE VIEW driver_session AS
    SELECT c.driver_id, c.session_id, c.season, c.kind,
           min(c.position) FILTER (WHERE c.position_text = c.position::text) AS best,
           bool_or(c.position_text NOT IN ('F', 'W')) AS started, bool_or(c.position_text = 'R') AS retired,
           bool_or(c.grid = 1) AS pole, bool_or(c.fastest_rank = 1) AS fastest_lap,
           sum(c.laps) AS laps, sum(c.points) AS points
    FROM current_result c GROUP BY c.driver_id, c.session_id, c.season, c.kind;
CREATE VIEW constructor_session AS
    SELECT c.constructor_id, c.session_id, c.season, c.kind,
           min(c.position) FILTER (WHERE c.position_text = c.position::text) AS best,
           count(DISTINCT c.position) FILTER (WHERE c.position_text IN ('1', '2', '3')) AS podiums,
           bool_or(c.position_text NOT IN ('F', 'W')) AS started, bool_or(c.grid = 1) AS pole,
           bool_or(c.fastest_rank = 1) AS fastest_lap, sum(c.points) AS points
    FROM current_result c GROUP BY c.constructor_id, c.session_id, c.season, c.kind;

-- The constructors' counterpart of driver_rankings, refreshed with it.
CREATE MATERIALIZED VIEW constructor_rankings AS
    SELECT k.id AS constructor_id,
           max(c.season) AS latest_season,
           coalesce(max(g.elo), 1500) AS elo,               -- one value: the last
           count(*) FILTER (WHERE c.kind = 'race' AND c.best = 1) AS wins,
           coalesce(sum(c.points), 0) AS points
    FROM constructor k JOIN constructor_session c ON c.constructor_id = k.id
    LEFT JOIN (SELECT DISTINCT ON (x.constructor_id) x.constructor_id, x.elo
               FROM constructor_rating x JOIN race r ON r.id = x.race_id
               ORDER BY x.constructor_id, r.date DESC) AS g ON g.constructor_id = k.id
    GROUP BY k.id;
CREATE UNIQUE INDEX constructor_rankings_constructor ON constructor_rankings (constructor_id);
