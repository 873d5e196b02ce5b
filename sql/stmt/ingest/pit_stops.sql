-- summary: Pit stops of a session in place of those there were
-- params: season, session, rows
WITH incoming AS (
    SELECT * FROM json_to_recordset(:rows::json) AS i (driver_id text, stop integer, lap integer, local_time time,
                                                   duration_ms integer, duration_text text)),
gone AS (
    DELETE FROM pit_stop t WHERE t.season = :season AND t.session_id = :session
      AND NOT EXISTS (SELECT FROM incoming i WHERE i.driver_id = t.driver_id AND i.stop = t.stop)
    RETURNING 1),
changed AS (
    UPDATE pit_stop t SET lap = i.lap, local_time = i.local_time, duration_ms = i.duration_ms,
        duration_text = i.duration_text
    FROM incoming i
    WHERE t.season = :season AND t.session_id = :session AND t.driver_id = i.driver_id AND t.stop = i.stop
      AND (t.lap, t.local_time, t.duration_ms, t.duration_text)
          IS DISTINCT FROM (i.lap, i.local_time, i.duration_ms, i.duration_text)
    RETURNING 1),
added AS (
    INSERT INTO pit_stop (season, session_id, driver_id, stop, lap, local_time, duration_ms, duration_text)
    SELECT :season::integer, :session::integer, i.driver_id, i.stop, i.lap, i.local_time, i.duration_ms, i.duration_text
    FROM incoming i
    WHERE NOT EXISTS (SELECT FROM pit_stop t WHERE t.season = :season AND t.session_id = :session
                      AND t.driver_id = i.driver_id AND t.stop = i.stop)
    RETURNING 1)
SELECT (SELECT count(*) FROM added) AS inserted, (SELECT count(*) FROM changed) AS changed,
       (SELECT count(*) FROM gone) AS removed
