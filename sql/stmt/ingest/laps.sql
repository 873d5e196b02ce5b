-- summary: Laps of a session in place of those there were
-- params: season, session, rows
WITH incoming AS (
    SELECT * FROM json_to_recordset(:rows::json) AS i (driver_id text, lap integer, position integer, time_ms integer)),
gone AS (
    DELETE FROM lap t WHERE t.season = :season AND t.session_id = :session
      AND NOT EXISTS (SELECT FROM incoming i WHERE i.driver_id = t.driver_id AND i.lap = t.lap)
    RETURNING 1),
changed AS (
    UPDATE lap t SET position = i.position, time_ms = i.time_ms
    FROM incoming i
    WHERE t.season = :season AND t.session_id = :session AND t.driver_id = i.driver_id AND t.lap = i.lap
      AND (t.position, t.time_ms) IS DISTINCT FROM (i.position, i.time_ms)
    RETURNING 1),
added AS (
    INSERT INTO lap (season, session_id, driver_id, lap, position, time_ms)
    SELECT :season::integer, :session::integer, i.driver_id, i.lap, i.position, i.time_ms
    FROM incoming i
    WHERE NOT EXISTS (SELECT FROM lap t WHERE t.season = :season AND t.session_id = :session
                      AND t.driver_id = i.driver_id AND t.lap = i.lap)
    RETURNING 1)
SELECT (SELECT count(*) FROM added) AS inserted, (SELECT count(*) FROM changed) AS changed,
       (SELECT count(*) FROM gone) AS removed
