-- summary: The constructors of a season; where the list is whole, who left it and raced nowhere leaves the season
-- params: season, rows, is_whole
WITH incoming AS (
    SELECT DISTINCT id FROM json_to_recordset(:rows::json) AS i (id text)),
gone AS (
    DELETE FROM season_constructor s
    WHERE :is_whole::boolean AND s.season = :season
      AND NOT EXISTS (SELECT FROM incoming i WHERE i.id = s.constructor_id)
      AND NOT EXISTS (SELECT FROM entry e WHERE e.constructor_id = s.constructor_id AND e.season = s.season)
    RETURNING 1),
written AS (
    INSERT INTO season_constructor (season, constructor_id)
    SELECT :season::integer, i.id FROM incoming i
    WHERE NOT EXISTS (SELECT FROM season_constructor s WHERE s.season = :season AND s.constructor_id = i.id)
    RETURNING 1)
SELECT (SELECT count(*) FROM written) AS inserted, 0 AS changed, (SELECT count(*) FROM gone) AS removed
