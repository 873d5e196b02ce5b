-- summary: Drivers, those of a season or those with entries that meet criteria; of one family name in order of debut
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
namesake AS (SELECT *, count(*) OVER (PARTITION BY place) > 1 AS is_one FROM hit),
line AS (
    SELECT n.*, since.season, debut.line
    FROM namesake n
    LEFT JOIN LATERAL (SELECT min(s.season) AS season FROM season_driver s
                       WHERE n.is_one AND s.driver_id = n.id) AS since ON true
    LEFT JOIN LATERAL (SELECT ARRAY[r.season, r.round, q.line] AS line
                       FROM entry e
                       JOIN race r ON r.id = e.race_id
                       LEFT JOIN result q ON q.entry_id = e.id AND q.season = e.season AND q.current
                       WHERE n.is_one AND e.driver_id = n.id ORDER BY line LIMIT 1) AS debut ON true),
page AS (SELECT * FROM line ORDER BY place, season, line, given, id COLLATE "C" LIMIT :limit OFFSET :offset)
SELECT n.total, d."driverId", d."permanentNumber", d.code, d.url, d."givenName", d."familyName", d."dateOfBirth",
       d.nationality
FROM (SELECT count(*) AS total FROM hit) AS n
LEFT JOIN (page p JOIN ergast_driver d USING (id)) ON true
ORDER BY p.place, p.season, p.line, p.given, p.id COLLATE "C"
