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
