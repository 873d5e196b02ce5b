-- summary: The lines of new revisions of race and sprint
-- params: season, rows
INSERT INTO result (season, session_id, revision, line, entry_id, position, position_text, points, grid, laps, status,
                    time_ms, time_text, fastest_rank, fastest_lap, fastest_ms, fastest_text, fastest_speed,
                    fastest_unit)
SELECT s.season, i.session_id, i.revision, i.line, e.id, i.position, i.position_text, i.points, i.grid, i.laps,
       i.status, i.time_ms, i.time_text, i.fastest_rank, i.fastest_lap, i.fastest_ms, i.fastest_text, i.fastest_speed,
       i.fastest_unit
FROM json_to_recordset(:rows::json) AS i (
    session_id integer, revision integer, line integer, driver_id text, constructor_id text, number integer,
    position integer, position_text text, points numeric, grid integer, laps integer, status text, time_ms bigint,
    time_text text, fastest_rank integer, fastest_lap integer, fastest_ms integer, fastest_text text,
    fastest_speed numeric, fastest_unit text)
JOIN session s ON s.id = i.session_id AND s.season = :season
JOIN entry e ON e.race_id = s.race_id AND e.driver_id = i.driver_id AND e.constructor_id = i.constructor_id
            AND e.number IS NOT DISTINCT FROM i.number
