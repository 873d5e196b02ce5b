-- summary: Lines of earlier revisions are current no more
-- params: season, sessions
UPDATE result r SET current = false
FROM json_to_recordset(:sessions::json) AS i (session_id integer, revision integer)
WHERE r.season = :season AND r.session_id = i.session_id AND r.revision < i.revision AND r.current
