-- summary: Drivers, those of a season or those with entries that meet criteria
-- params: season, round, circuit, constructor, driver, grid, position, fastest, status, limit, offset
-- access: read
WITH hit AS (
    SELECT x.id, ergast_order(x.family_name) AS place, ergast_order(x.given_name) AS given FROM driver x
    WHERE (x.id = :driver OR :driver IS NULL)
      AND CASE WHEN num_nonnulls(:round::integer, :circuit::text, :constructor::text, :grid::integer,
                                 :position::integer, :fastest::integer, :status::integer) > 0
          THEN x.id IN (SELECT f.driver_id
                        FROM ergast_find(NULL, :season, :round, :circuit, :constructor, :driver, :grid,
                                         :position, :fastest, :status) AS f)
          ELSE :season IS NULL OR x.id IN (SELECT s.driver_id FROM season_driver s WHERE s.season = :season)
          END),
page AS (SELECT * FROM hit ORDER BY place, given, id COLLATE "C" LIMIT :limit OFFSET :offset)
SELECT n.total, d.id AS "driverId", d.number AS "permanentNumber", d.code AS "code", d.url AS "url",
       d.given_name AS "givenName", d.family_name AS "familyName", d.birth_date AS "dateOfBirth",
       nullif(d.nationality, '') AS "nationality"
FROM (SELECT count(*) AS total FROM hit) AS n
LEFT JOIN (page p JOIN driver d USING (id)) ON true
ORDER BY p.place, p.given, p.id COLLATE "C"
