-- summary: Classification of sessions
-- params: most
-- access: read
-- filters: dnf boolean, dns boolean, driver_number number, dsq boolean, duration json, gap_to_leader json
-- filters: meeting_key number, number_of_laps number, points number, position number, session_key number
SELECT dnf, dns, driver_number, dsq, duration, gap_to_leader, meeting_key, number_of_laps, points, position,
       session_key
FROM openf1_session_result
WHERE session_key = ANY (openf1_session_keys(:session_key, :meeting_key))
  AND :filters
ORDER BY meeting_key, session_key, line LIMIT :most
