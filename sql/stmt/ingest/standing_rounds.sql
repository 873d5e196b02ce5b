-- summary: Completed rounds of a season, and whether standings after them are known and fit the results
-- params: season
-- access: read
-- They do not where a driver has other points than his results give: upstream had not got so far, most likely. Before
-- 1991 not every result counted.
WITH won AS (
    SELECT e.driver_id, r.round, sum(x.points) AS points
    FROM race r JOIN session s ON s.race_id = r.id AND s.kind IN ('race', 'sprint')
    JOIN result x ON x.season = s.season AND x.session_id = s.id AND x.current
    JOIN entry e ON e.id = x.entry_id
    WHERE r.season = :season AND :season::integer >= 1991 GROUP BY e.driver_id, r.round)
SELECT r.round, EXISTS (SELECT FROM driver_standing s WHERE s.race_id = r.id)
    AND NOT EXISTS (SELECT FROM driver_standing s WHERE s.race_id = r.id AND :season >= 1991
                    AND s.points <> (SELECT coalesce(sum(w.points), 0) FROM won w
                                     WHERE w.driver_id = s.driver_id AND w.round <= r.round)) AS are_fit
FROM race r WHERE r.season = :season AND r.status = 'completed' ORDER BY r.round
