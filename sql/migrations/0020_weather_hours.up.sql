-- Weather of races by the hour, and who may ask for it when. The hours are what was fetched; the race's row in weather
-- is made of them: mean temperature and wind, the sum of what fell, and conditions by how much of the race it rained.
-- What OpenF1 measured at the track wins over what is computed for the place.

CREATE TABLE weather_hour (
    race_id           slug NOT NULL REFERENCES race ON DELETE CASCADE,
    at                timestamptz NOT NULL,                                     -- its beginning
    temperature       numeric(4, 1) CHECK (temperature BETWEEN -60 AND 60),     -- °C
    precipitation_mm  numeric(5, 2) CHECK (precipitation_mm >= 0),              -- NULL: known is only that it rained
    wind_kmh          numeric(5, 2) CHECK (wind_kmh >= 0),
    rain_probability  smallint CHECK (rain_probability BETWEEN 0 AND 100),      -- of forecasts, percent
    wet               numeric(3, 2) NOT NULL CHECK (wet BETWEEN 0 AND 1),       -- the share of the hour in which it rains
    is_forecast       boolean NOT NULL,
    PRIMARY KEY (race_id, at)
);

-- When a race's weather was asked for, and how often in vain since.
CREATE TABLE weather_check (
    race_id   slug PRIMARY KEY REFERENCES race ON DELETE CASCADE,
    asked_at  timestamptz NOT NULL,
    in_vain   integer NOT NULL DEFAULT 0
);

-- What a row was for: a race that is moved has no weather any more. NULL: nobody knows, so it stays.
ALTER TABLE weather
    ADD COLUMN rain_probability smallint CHECK (rain_probability BETWEEN 0 AND 100),
    ADD COLUMN is_forecast boolean NOT NULL DEFAULT false,
    ADD COLUMN starts_at timestamptz,
    ADD COLUMN ends_at timestamptz,
    ADD COLUMN circuit_id slug REFERENCES circuit ON DELETE SET NULL;
CREATE INDEX weather_circuit ON weather (circuit_id);

-- Where and when a race is run: two hours from its start, which is 14:00 at the circuit where only the day is known.
CREATE VIEW race_window AS
    SELECT r.id AS race_id, r.season, r.round, r.status, r.circuit_id, c.latitude, c.longitude,
           date_trunc('hour', b.starts_at, 'UTC') AS first_hour, b.starts_at,
           b.starts_at + interval '2 hours' AS ends_at
    FROM race r
    JOIN circuit c ON c.id = r.circuit_id
    LEFT JOIN circuit_fact f ON f.circuit_id = c.id
    LEFT JOIN session s ON s.race_id = r.id AND s.kind = 'race',
    LATERAL (SELECT coalesce(s.starts_at, (r.date + time '14:00') AT TIME ZONE coalesce(f.time_zone, 'UTC'))
             AS starts_at) AS b;

-- wet: the share of a race in which it rains.
CREATE FUNCTION weather_conditions(wet numeric) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT CASE WHEN wet < 0.1 THEN 'dry' WHEN wet < 0.6 THEN 'mixed' ELSE 'wet' END
$$;

-- Adds hours to what is known of a race and sums them up. An observed hour is not replaced by a forecast, and what
-- OpenF1 measured by nobody else. hours: [{"at": …, "temperature": …, …}], members as the columns. False: nothing was
-- stored.
CREATE FUNCTION weather_put(of_race text, hours json, of_source text, fetched timestamptz) RETURNS boolean
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM FROM race WHERE id = of_race FOR NO KEY UPDATE;     -- one after the other
    IF of_source <> 'openf1' AND EXISTS (SELECT FROM weather w WHERE w.race_id = of_race AND w.source = 'openf1') THEN
        RETURN false;
    END IF;
    DELETE FROM weather_hour h USING race_window w
    WHERE h.race_id = of_race AND w.race_id = of_race AND (h.at < w.first_hour OR h.at >= w.ends_at);
    INSERT INTO weather_hour AS h (race_id, at, temperature, precipitation_mm, wind_kmh, rain_probability, wet,
                                   is_forecast)
    SELECT of_race, n.at, n.temperature, n.precipitation_mm, n.wind_kmh, n.rain_probability, n.wet, n.is_forecast
    FROM json_populate_recordset(NULL::weather_hour, hours) AS n JOIN race_window w ON w.race_id = of_race
    WHERE n.at >= w.first_hour AND n.at < w.ends_at
    ON CONFLICT (race_id, at) DO UPDATE
    SET (temperature, precipitation_mm, wind_kmh, rain_probability, wet, is_forecast)
      = (EXCLUDED.temperature, EXCLUDED.precipitation_mm, EXCLUDED.wind_kmh, EXCLUDED.rain_probability, EXCLUDED.wet,
         EXCLUDED.is_forecast)
    WHERE h.is_forecast OR NOT EXCLUDED.is_forecast;
    INSERT INTO weather AS o (race_id, temperature, precipitation_mm, wind_kmh, conditions, source, fetched_at,
                              rain_probability, is_forecast, starts_at, ends_at, circuit_id)
    SELECT of_race, avg(h.temperature), sum(h.precipitation_mm), avg(h.wind_kmh), weather_conditions(avg(h.wet)),
           of_source, fetched, max(h.rain_probability), bool_or(h.is_forecast), w.starts_at, w.ends_at, w.circuit_id
    FROM weather_hour h JOIN race_window w ON w.race_id = h.race_id
    WHERE h.race_id = of_race GROUP BY w.starts_at, w.ends_at, w.circuit_id
    ON CONFLICT (race_id) DO UPDATE
    SET (temperature, precipitation_mm, wind_kmh, conditions, source, fetched_at, rain_probability, is_forecast,
         starts_at, ends_at, circuit_id)
      = (EXCLUDED.temperature, EXCLUDED.precipitation_mm, EXCLUDED.wind_kmh, EXCLUDED.conditions, EXCLUDED.source,
         EXCLUDED.fetched_at, EXCLUDED.rain_probability, EXCLUDED.is_forecast, EXCLUDED.starts_at, EXCLUDED.ends_at,
         EXCLUDED.circuit_id);
    RETURN FOUND;
END $$;

CREATE FUNCTION weather_forget(of_race text) RETURNS void LANGUAGE sql SET search_path FROM CURRENT AS $$
    DELETE FROM weather WHERE race_id = of_race;
    DELETE FROM weather_hour WHERE race_id = of_race;
    DELETE FROM weather_check WHERE race_id = of_race;
$$;

-- --- OpenF1: a sample a minute, with a flag for rain instead of an amount

-- A race's weather from what OpenF1 measured while it ran. Samples that cannot be are passed over.
CREATE FUNCTION weather_from_openf1(of_session integer) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    of_race text;
    hours   json;
BEGIN
    SELECT w.race_id, json_agg(json_build_object('at', h.at, 'temperature', h.temperature, 'wind_kmh', h.wind_kmh,
                                                 'wet', h.wet, 'is_forecast', false))
    INTO of_race, hours
    FROM openf1_sessions o
    JOIN session s ON s.id = o.session_id AND s.kind = 'race'
    JOIN race_window w ON w.race_id = o.race_id,
    LATERAL (SELECT date_trunc('hour', x.date, 'UTC') AS at,
                    avg(x.air_temperature) FILTER (WHERE x.air_temperature BETWEEN -50 AND 59) AS temperature,
                    avg(x.wind_speed * 3.6) FILTER (WHERE x.wind_speed BETWEEN 0 AND 100) AS wind_kmh,
                    avg((x.rainfall > 0)::integer) AS wet
             FROM openf1_weather x
             WHERE x.session_key = o.session_key AND x.date >= w.starts_at AND x.date < w.ends_at
               AND x.rainfall IS NOT NULL
             GROUP BY 1) AS h
    WHERE o.session_key = of_session
    GROUP BY w.race_id;
    IF hours IS NOT NULL THEN
        DELETE FROM weather_hour WHERE race_id = of_race;
        PERFORM weather_put(of_race, hours, 'openf1', (SELECT loaded_at FROM openf1_load
                                                       WHERE session_key = of_session AND list = 'weather'));
    END IF;
END $$;

CREATE FUNCTION weather_follow_openf1() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_TABLE_NAME = 'openf1_sessions' THEN
        PERFORM weather_forget(w.race_id) FROM weather w WHERE w.race_id = OLD.race_id AND w.source = 'openf1';
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM weather_from_openf1(NEW.session_key);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER weather_follow AFTER INSERT OR UPDATE ON openf1_load
    FOR EACH ROW WHEN (NEW.list = 'weather') EXECUTE FUNCTION weather_follow_openf1();
CREATE TRIGGER weather_follow_link AFTER UPDATE OF race_id, session_id ON openf1_sessions
    FOR EACH ROW WHEN (OLD.session_id IS DISTINCT FROM NEW.session_id) EXECUTE FUNCTION weather_follow_openf1();
CREATE TRIGGER weather_follow_end AFTER DELETE ON openf1_sessions
    FOR EACH ROW EXECUTE FUNCTION weather_follow_openf1();

-- --- What is shown, and a domain of its own: forecasts change every hour, calendars hardly ever

ALTER VIEW race_detail RENAME COLUMN "weather.temperature" TO "weather.temperature_c";
CREATE OR REPLACE VIEW race_detail AS
    SELECT i.*,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', s.kind, 'date', s.date,
                                                         'starts_at', utc_text(s.starts_at),
                                                         'starts_at_local', local_time(s.starts_at, i.time_zone))
                                      ORDER BY s.date, s.starts_at, s.id), '[]')
            FROM session s WHERE s.race_id = i.id) AS sessions,
           w.temperature AS "weather.temperature_c", w.precipitation_mm AS "weather.precipitation_mm",
           w.wind_kmh AS "weather.wind_kmh", w.conditions AS "weather.conditions",
           w.rain_probability AS "weather.rain_probability_percent", w.is_forecast AS "weather.is_forecast",
           w.source AS "weather.source"
    FROM race_item i LEFT JOIN weather w ON w.race_id = i.id;

DROP TRIGGER generation_insert ON weather;
DROP TRIGGER generation_delete ON weather;
DROP TRIGGER generation_update ON weather;
DROP TRIGGER generation_truncate ON weather;
INSERT INTO generation (domain) VALUES ('weather');
SELECT generation_follow('{weather,weather_hour}', 'weather');

INSERT INTO schedule (name, kind, payload, priority, period, phase, summary) VALUES
    ('weather', 'weather', '{}', 50, '1 hour', '40 minutes',
     'Forecasts for coming races, more often as they near, and what the weather of past ones was');

-- What was loaded before this step existed.
SELECT weather_from_openf1(session_key) FROM openf1_load WHERE list = 'weather';
