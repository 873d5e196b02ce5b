-- summary: Makes the constructors' ratings these ones; what is equal is not touched
-- params: seasons, races, ids, elos
WITH fresh AS MATERIALIZED (
    SELECT * FROM unnest(:seasons::integer[], :races::text[], :ids::text[], :elos::numeric[])
        AS f (season, race_id, constructor_id, elo)
), gone AS (
    DELETE FROM constructor_rating d
    WHERE NOT EXISTS (SELECT FROM fresh f WHERE f.race_id = d.race_id AND f.constructor_id = d.constructor_id)
)
INSERT INTO constructor_rating AS d (season, race_id, constructor_id, elo)
SELECT season, race_id, constructor_id, elo FROM fresh
EXCEPT
SELECT season, race_id, constructor_id, elo FROM constructor_rating
ON CONFLICT (race_id, constructor_id) DO UPDATE SET season = excluded.season, elo = excluded.elo
