-- summary: Sessions that have results but that the calendar does not name, on the day of the race
-- params: season, rows
INSERT INTO session (race_id, season, kind, date, is_planned)
SELECT r.id, r.season, i.kind, r.date, false
FROM json_to_recordset(:rows::json) AS i (round integer, kind text)
JOIN race r ON r.season = :season AND r.round = i.round
WHERE NOT EXISTS (SELECT FROM session s WHERE s.race_id = r.id AND s.kind = i.kind)
