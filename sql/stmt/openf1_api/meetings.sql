-- summary: Grand prix weekends and tests
-- params: most
-- access: read
-- filters: circuit_image text, circuit_info_url text, circuit_key number, circuit_short_name text
-- filters: circuit_type text, country_code text, country_flag text, country_key number, country_name text
-- filters: date_end time, date_start time, gmt_offset verbatim, is_cancelled boolean, location text
-- filters: meeting_code text, meeting_key number, meeting_name text, meeting_official_name text, year number
SELECT circuit_image AS "circuit_image?", circuit_info_url AS "circuit_info_url?", circuit_key,
       circuit_short_name, circuit_type AS "circuit_type?", country_code, country_flag AS "country_flag?",
       country_key, country_name, openf1_time(date_end) AS "date_end?", openf1_time(date_start) AS date_start,
       gmt_offset, is_cancelled, location, meeting_code AS "meeting_code?", meeting_key, meeting_name,
       meeting_official_name, year
FROM openf1_meetings
WHERE :filters
ORDER BY openf1_meetings.date_start, meeting_key LIMIT :most
