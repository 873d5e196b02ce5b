-- summary: Of sessions that were corrected by hand, whether upstream contradicts it
-- params: sessions
SELECT r.round, s.kind, correction_settle(s.id) AS is_contradicted
FROM jsonb_to_recordset(:sessions) AS i (session_id integer)
JOIN session s ON s.id = i.session_id
JOIN race r ON r.id = s.race_id
ORDER BY r.round, s.id
