-- summary: Meetings as they are now; of a year, all there are
-- params: rows, year
WITH incoming AS (
    SELECT * FROM json_populate_recordset(NULL::openf1_meetings, :rows::json)),
gone AS (
    DELETE FROM openf1_meetings t
    WHERE t.year = :year::integer AND NOT EXISTS (SELECT FROM incoming i WHERE i.meeting_key = t.meeting_key)
    RETURNING 1),
changed AS (
    UPDATE openf1_meetings t
    SET (year, date_start, date_end, gmt_offset, is_cancelled, meeting_name, meeting_official_name, meeting_code,
         location, country_key, country_code, country_name, country_flag, circuit_key, circuit_short_name, circuit_type,
         circuit_image, circuit_info_url)
      = (i.year, i.date_start, i.date_end, i.gmt_offset, i.is_cancelled, i.meeting_name, i.meeting_official_name,
         i.meeting_code, i.location, i.country_key, i.country_code, i.country_name, i.country_flag, i.circuit_key,
         i.circuit_short_name, i.circuit_type, i.circuit_image, i.circuit_info_url)
    FROM incoming i
    WHERE t.meeting_key = i.meeting_key AND to_jsonb(t) IS DISTINCT FROM to_jsonb(i)
    RETURNING 1),
added AS (
    INSERT INTO openf1_meetings
    SELECT i.* FROM incoming i WHERE NOT EXISTS (SELECT FROM openf1_meetings t WHERE t.meeting_key = i.meeting_key)
    RETURNING 1)
SELECT (SELECT count(*) FROM added) AS inserted, (SELECT count(*) FROM changed) AS changed,
       (SELECT count(*) FROM gone) AS removed
