-- Ratings and career figures. Ratings are written by src/ml/elo.c, the views are refreshed after each ingestion.

CREATE TABLE driver_rating (
    season      integer NOT NULL,
    race_id     slug NOT NULL REFERENCES race ON DELETE CASCADE,
    driver_id   slug NOT NULL REFERENCES driver,
    elo         numeric(8, 3) NOT NULL,                     -- after the race; 1500 before the first
    PRIMARY KEY (race_id, driver_id)
);
CREATE INDEX driver_rating_driver ON driver_rating (driver_id, season);

CREATE TABLE constructor_rating (
    season         integer NOT NULL,
    race_id        slug NOT NULL REFERENCES race ON DELETE CASCADE,
    constructor_id slug NOT NULL REFERENCES constructor,
    elo            numeric(8, 3) NOT NULL,
    PRIMARY KEY (race_id, constructor_id)
);
CREATE INDEX constructor_rating_constructor ON constructor_rating (constructor_id, season);

-- The lines that stand now, of races and sprints, with whose they are. A driver may have two in one session.
CREATE VIEW current_result AS
    SELECT r.season, r.session_id, r.line, r.entry_id, r.position, r.position_text, r.points, r.grid, r.laps, r.status,
           r.time_ms, r.time_text, r.fastest_rank, r.fastest_ms, s.kind, s.race_id, e.driver_id, e.constructor_id
    FROM entry e JOIN result r ON r.entry_id = e.id AND r.season = e.season JOIN session s ON s.id = r.session_id
    WHERE r.current;

CREATE MATERIALIZED VIEW driver_rankings AS
    SELECT d.id AS driver_id,
           max(c.season) AS latest_season,
           coalesce(max(g.elo), 1500) AS elo,               -- one value: the last
           count(DISTINCT c.session_id) FILTER (WHERE c.kind = 'race' AND c.position_text NOT IN ('F', 'W')) AS starts,
           count(DISTINCT c.session_id) FILTER (WHERE c.kind = 'race' AND c.position_text = '1') AS wins,
           count(DISTINCT c.session_id) FILTER (WHERE c.kind = 'race' AND c.position_text IN ('1', '2', '3')) AS podiums,
           count(DISTINCT c.session_id) FILTER (WHERE c.kind = 'race' AND c.grid = 1) AS poles,
           count(DISTINCT c.session_id) FILTER (WHERE c.kind = 'race' AND c.fastest_rank = 1) AS fastest_laps,
           coalesce(sum(c.points), 0) AS points
    FROM driver d JOIN current_result c ON c.driver_id = d.id
    LEFT JOIN (SELECT DISTINCT ON (x.driver_id) x.driver_id, x.elo FROM driver_rating x JOIN race r ON r.id = x.race_id
               ORDER BY x.driver_id, r.date DESC) AS g ON g.driver_id = d.id
    GROUP BY d.id;
CREATE UNIQUE INDEX driver_rankings_driver ON driver_rankings (driver_id);
CREATE INDEX driver_rankings_elo ON driver_rankings (elo DESC);
