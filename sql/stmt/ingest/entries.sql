-- summary: Entries that stand in a classification for the first time
-- params: season, rows
INSERT INTO entry (season, race_id, driver_id, constructor_id, number)
SELECT DISTINCT s.season, s.race_id, i.driver_id, i.constructor_id, i.number
FROM json_to_recordset(:rows::json) AS i (session_id integer, driver_id text, constructor_id text, number integer)
JOIN session s ON s.id = i.session_id AND s.season = :season
WHERE NOT EXISTS (SELECT FROM entry e WHERE e.race_id = s.race_id AND e.driver_id = i.driver_id
                  AND e.constructor_id = i.constructor_id AND e.number IS NOT DISTINCT FROM i.number)
