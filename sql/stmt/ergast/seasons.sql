-- summary: Seasons that a driver or a constructor took part in, or with a race that meets criteria
-- params: season, round, circuit, constructor, driver, grid, position, fastest, status, limit, offset
-- access: read
WITH hit AS (
    SELECT s.year FROM season s
    WHERE (s.year = :season OR :season IS NULL)
      AND CASE WHEN num_nonnulls(:round::integer, :circuit::text, :grid::integer, :position::integer,
                                 nullif(:fastest::integer, 0), :status::integer) > 0
                 OR num_nonnulls(:constructor::text, :driver::text) = 2
          THEN s.year IN (SELECT f.season
                          FROM ergast_find(NULL, :season, :round, :circuit, :constructor, :driver, :grid,
                                           :position, :fastest, :status) AS f)
          ELSE (:driver IS NULL OR s.year IN (SELECT d.season FROM season_driver d WHERE d.driver_id = :driver))
           AND (:constructor IS NULL
                OR s.year IN (SELECT k.season FROM season_constructor k WHERE k.constructor_id = :constructor))
          END),
page AS (SELECT * FROM hit ORDER BY year LIMIT :limit OFFSET :offset)
SELECT n.total, s.year AS season, s.url
FROM (SELECT count(*) AS total FROM hit) AS n
LEFT JOIN (page p JOIN season s USING (year)) ON true
ORDER BY s.year
