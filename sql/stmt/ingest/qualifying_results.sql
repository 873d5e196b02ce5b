-- summary: The lines of new revisions of qualifying
-- params: season, rows
INSERT INTO qualifying_result (season, session_id, revision, line, entry_id, position, q1_ms, q2_ms, q3_ms, q1_text,
                               q2_text, q3_text)
SELECT s.season, i.session_id, i.revision, i.line, e.id, i.position, i.q1_ms, i.q2_ms, i.q3_ms, i.q1_text, i.q2_text,
       i.q3_text
FROM json_to_recordset(:rows::json) AS i (
    session_id integer, revision integer, line integer, driver_id text, constructor_id text, number integer,
    position integer, q1_ms integer, q2_ms integer, q3_ms integer, q1_text text, q2_text text, q3_text text)
JOIN session s ON s.id = i.session_id AND s.season = :season
JOIN entry e ON e.race_id = s.race_id AND e.driver_id = i.driver_id AND e.constructor_id = i.constructor_id
            AND e.number IS NOT DISTINCT FROM i.number
