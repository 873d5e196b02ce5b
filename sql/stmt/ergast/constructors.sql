-- summary: Constructors, those of a season or those with entries that meet criteria
-- params: season, round, circuit, constructor, driver, grid, position, fastest, status, limit, offset
-- access: read
WITH hit AS (
    SELECT x.id, ergast_order(x.id) AS place FROM constructor x
    WHERE (x.id = :constructor OR :constructor IS NULL)
      AND CASE WHEN num_nonnulls(:round::integer, :circuit::text, :driver::text, :grid::integer, :position::integer,
                                 :fastest::integer, :status::integer) > 0
          THEN x.id IN (SELECT f.constructor_id
                        FROM ergast_find(NULL, :season, :round, :circuit, :constructor, :driver, :grid,
                                         :position, :fastest, :status) AS f)
          ELSE :season IS NULL OR x.id IN (SELECT s.constructor_id FROM season_constructor s WHERE s.season = :season)
          END),
page AS (SELECT * FROM hit ORDER BY place, id COLLATE "C" LIMIT :limit OFFSET :offset)
SELECT n.total, k.id AS "constructorId", k.url AS "url", k.name AS "name", nullif(k.nationality, '') AS "nationality"
FROM (SELECT count(*) AS total FROM hit) AS n
LEFT JOIN (page p JOIN constructor k USING (id)) ON true
ORDER BY p.place, p.id COLLATE "C"
