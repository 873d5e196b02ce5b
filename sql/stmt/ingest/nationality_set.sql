-- summary: Puts words in place of codes
-- params: rows
WITH word AS (
    SELECT kind, id, nationality FROM json_to_recordset(:rows::json) AS i (kind text, id text, nationality text)),
drivers AS (
    UPDATE driver d SET nationality = w.nationality FROM word w
    WHERE w.kind = 'driver' AND w.id = d.id AND w.nationality <> d.nationality RETURNING 1),
constructors AS (
    UPDATE constructor c SET nationality = w.nationality FROM word w
    WHERE w.kind = 'constructor' AND w.id = c.id AND w.nationality <> c.nationality RETURNING 1)
SELECT (SELECT count(*) FROM drivers) AS drivers, (SELECT count(*) FROM constructors) AS constructors
