-- summary: Circuits, those of a calendar or those with races that meet criteria
-- params: season, round, circuit, constructor, driver, grid, position, fastest, status, limit, offset
-- access: read
WITH hit AS (
    SELECT c.id FROM circuit c
    WHERE (c.id = :circuit OR :circuit IS NULL)
      AND (num_nonnulls(:season::integer, :round::integer) = 0
           OR c.id IN (SELECT r.circuit_id FROM race r
                       WHERE r.round IS NOT NULL AND r.status <> 'cancelled'
                         AND (r.season = :season OR :season IS NULL) AND (r.round = :round OR :round IS NULL)))
      AND (num_nonnulls(:constructor::text, :driver::text, :grid::integer, :position::integer, :fastest::integer,
                        :status::integer) = 0
           OR c.id IN (SELECT f.circuit_id
                       FROM ergast_find(NULL, :season, :round, :circuit, :constructor, :driver, :grid,
                                        :position, :fastest, :status) AS f))),
page AS (SELECT id, ergast_order(id) AS place FROM hit ORDER BY place, id COLLATE "C" LIMIT :limit OFFSET :offset)
SELECT n.total, c.id AS "circuitId", c.url, c.name AS "circuitName", ergast_degrees(c.latitude) AS "Location.lat",
       ergast_degrees(c.longitude) AS "Location.long", c.locality AS "Location.locality",
       c.country AS "Location.country"
FROM (SELECT count(*) AS total FROM hit) AS n
LEFT JOIN (page p JOIN circuit c USING (id)) ON true
ORDER BY p.place, p.id COLLATE "C"
