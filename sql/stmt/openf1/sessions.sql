-- summary: Sessions as they are now; of a year or a meeting, all there are
-- params: rows, year, meeting_key
WITH incoming AS (
    SELECT * FROM json_populate_recordset(NULL::openf1_sessions, :rows::json)),
gone AS (
    DELETE FROM openf1_sessions t
    WHERE (t.year = :year::integer OR t.meeting_key = :meeting_key::integer)
      AND NOT EXISTS (SELECT FROM incoming i WHERE i.session_key = t.session_key)
    RETURNING t.session_key),
gone_car_data AS (
    DELETE FROM openf1_car_data c WHERE c.session_key IN (SELECT g.session_key FROM gone g)),
gone_location AS (
    DELETE FROM openf1_location l WHERE l.session_key IN (SELECT g.session_key FROM gone g)),
changed AS (
    UPDATE openf1_sessions t
    SET (meeting_key, year, date_start, date_end, gmt_offset, is_cancelled, session_name, session_type, location,
         country_key, country_code, country_name, circuit_key, circuit_short_name)
      = (i.meeting_key, i.year, i.date_start, i.date_end, i.gmt_offset, i.is_cancelled, i.session_name, i.session_type,
         i.location, i.country_key, i.country_code, i.country_name, i.circuit_key, i.circuit_short_name)
    FROM incoming i
    WHERE t.session_key = i.session_key
      AND to_jsonb(t) - '{race_id,session_id}'::text[] IS DISTINCT FROM to_jsonb(i) - '{race_id,session_id}'::text[]
    RETURNING 1),
added AS (
    INSERT INTO openf1_sessions
    SELECT i.* FROM incoming i WHERE NOT EXISTS (SELECT FROM openf1_sessions t WHERE t.session_key = i.session_key)
    RETURNING 1)
SELECT (SELECT count(*) FROM added) AS inserted, (SELECT count(*) FROM changed) AS changed,
       (SELECT count(*) FROM gone) AS removed
