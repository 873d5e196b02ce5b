-- summary: Makes the drivers' ratings these ones; what is equal is not touched
-- params: seasons, races, ids, elos
WITH fresh AS MATERIALIZED (
    SELECT * FROM unnest(:seasons::integer[], :races::text[], :ids::text[], :elos::numeric[])
        AS f (season, race_id, driver_id, elo)
), gone AS (
    DELETE FROM driver_rating d
    WHERE NOT EXISTS (SELECT FROM fresh f WHERE f.race_id = d.race_id AND f.driver_id = d.driver_id)
)
INSERT INTO driver_rating AS d (season, race_id, driver_id, elo)
SELECT season, race_id, driver_id, elo FROM fresh
EXCEPT
SELECT season, race_id, driver_id, elo FROM driver_rating
ON CONFLICT (race_id, driver_id) DO UPDATE SET season = excluded.season, elo = excluded.elo
