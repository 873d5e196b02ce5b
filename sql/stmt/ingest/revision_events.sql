-- summary: Tells of new revisions: the first of a session is its results, later ones that changed something correct it
-- params: sessions
INSERT INTO event (kind, race_id, session, revision, at, payload)
SELECT CASE v.number WHEN 1 THEN 'results' ELSE 'correction' END, s.race_id, s.kind, v.number, v.known_at,
       CASE v.number WHEN 1 THEN jsonb_build_object('source', v.source)
                     ELSE jsonb_build_object('source', v.source, 'diff', correction_diff(v.changes)) END
FROM json_to_recordset(:sessions::json) AS i (session_id integer, revision integer)
JOIN revision v ON v.session_id = i.session_id AND v.number = i.revision
JOIN session s ON s.id = v.session_id
WHERE v.number = 1 OR v.changes <> '[]'
ORDER BY s.date, s.starts_at, s.id
ON CONFLICT DO NOTHING
