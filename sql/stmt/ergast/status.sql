-- summary: How often races ended how, the most frequent first
-- params: season, round, circuit, constructor, driver, grid, position, fastest, status, limit, offset
-- access: read
WITH hit AS (
    SELECT f.status, count(*) AS count
    FROM ergast_find('race', :season, :round, :circuit, :constructor, :driver,
                     :grid, :position, :fastest, :status) AS f
    GROUP BY f.status),
page AS (SELECT * FROM hit ORDER BY count DESC, status COLLATE "C" LIMIT :limit OFFSET :offset)
SELECT n.total, CASE WHEN p.status IS NOT NULL THEN coalesce(t.id, 0) END AS "statusId", p.count, p.status
FROM (SELECT count(*) AS total FROM hit) AS n
LEFT JOIN (page p LEFT JOIN ergast_status t ON t.name = p.status) ON true
ORDER BY p.count DESC, p.status COLLATE "C"
