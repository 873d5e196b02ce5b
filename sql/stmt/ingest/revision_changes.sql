-- summary: Says in revisions what they changed, and counts the lines of each sort
-- params: sessions
WITH written AS (
    UPDATE revision v
    SET changes = classification_changes(classification_rows(v.session_id, v.number - 1),
                                         classification_rows(v.session_id, v.number))
    FROM json_to_recordset(:sessions::json) AS i (session_id integer, revision integer)
    WHERE v.session_id = i.session_id AND v.number = i.revision AND v.number > 1
    RETURNING v.session_id, v.changes)
SELECT count(*) FILTER (WHERE c.item ->> 'change' = 'added') AS inserted,
       count(DISTINCT (w.session_id, c.item -> 'driver_id')) FILTER (WHERE c.item ->> 'change' = 'changed') AS changed,
       count(*) FILTER (WHERE c.item ->> 'change' = 'removed') AS removed
FROM written w, jsonb_array_elements(w.changes) AS c (item)
