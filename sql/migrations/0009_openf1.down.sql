DROP TRIGGER openf1_link_keep ON season_driver;
DROP TRIGGER openf1_link_keep ON entry;
DROP TRIGGER openf1_link_keep ON session;
DROP FUNCTION openf1_time, openf1_session_keys, high_time, low_time, high_key, low_key, json_is_in, openf1_link_keep,
    openf1_link, openf1_replace, openf1_partitions;
DROP TYPE text_range, boolean_range;
DROP TABLE openf1_car_data, openf1_location, openf1_championship_teams, openf1_championship_drivers, openf1_team_radio,
    openf1_starting_grid, openf1_session_result, openf1_overtakes, openf1_weather, openf1_race_control, openf1_stints,
    openf1_pit, openf1_laps, openf1_intervals, openf1_position, openf1_drivers, openf1_load, openf1_sessions,
    openf1_meetings;
DROP FUNCTION upstream_reserve(text, integer[], integer[], bigint);
CREATE FUNCTION upstream_reserve(upstream_name text, per_second integer, per_hour integer, max_wait bigint,
                                 OUT wait bigint, OUT by_hour boolean, OUT booked boolean)
LANGUAGE plpgsql AS $$
DECLARE
    travel constant interval := '0.25 s';
    wall     timestamptz;
    slot     timestamptz;
    nth      timestamptz;
BEGIN
    INSERT INTO upstream (name) VALUES (upstream_name) ON CONFLICT DO NOTHING;
    PERFORM FROM upstream WHERE name = upstream_name FOR UPDATE;
    wall := clock_timestamp();
    slot := wall;
    by_hour := false;
    DELETE FROM upstream_request WHERE upstream = upstream_name AND at < wall - interval '1 hour' - travel;
    IF per_second IS NOT NULL THEN
        SELECT at + interval '1 s' + travel INTO nth FROM upstream_request WHERE upstream = upstream_name
            ORDER BY at DESC OFFSET per_second - 1 LIMIT 1;
        slot := greatest(slot, nth);
    END IF;
    IF per_hour IS NOT NULL THEN
        SELECT at + interval '1 hour' + travel INTO nth FROM upstream_request WHERE upstream = upstream_name
            ORDER BY at DESC OFFSET per_hour - 1 LIMIT 1;
        by_hour := coalesce(nth > slot, false);
        slot := greatest(slot, nth);
    END IF;
    wait := ceil(extract(epoch FROM slot - wall) * 1000);
    booked := wait <= max_wait;
    IF booked THEN
        INSERT INTO upstream_request (upstream, at) VALUES (upstream_name, slot);
    END IF;
END $$;
