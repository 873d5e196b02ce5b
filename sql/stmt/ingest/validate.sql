-- summary: What is wrong with the data of a season, beyond what the schema enforces, one line for each finding
-- params: season
-- access: read
WITH place AS (
    SELECT r.id, r.round, r.status, r.date FROM race r WHERE r.season = :season),
line AS (
    SELECT s.race_id, s.kind, x.line, x.position, x.position_text, x.points, x.laps, x.time_ms, x.fastest_ms,
           e.driver_id, e.constructor_id
    FROM session s JOIN result x ON x.season = s.season AND x.session_id = s.id AND x.current
    JOIN entry e ON e.id = x.entry_id
    WHERE s.season = :season),
finding AS (
    SELECT NULL::integer AS round, 'season' AS rule, 'the season is not stored' AS detail
    WHERE NOT EXISTS (SELECT FROM season WHERE year = :season)
    UNION ALL
    SELECT NULL, 'calendar', 'the season has no races'
    WHERE EXISTS (SELECT FROM season WHERE year = :season) AND NOT EXISTS (SELECT FROM place)
    UNION ALL
    SELECT NULL, 'calendar', format('round %s is missing', n)
    FROM generate_series(1, (SELECT max(round) FROM place)) AS n
    WHERE NOT EXISTS (SELECT FROM place p WHERE p.round = n)
    UNION ALL
    SELECT p.round, 'results', 'there are results of a later race, but none of this one'
    FROM place p
    WHERE p.status = 'scheduled' AND EXISTS (SELECT FROM place l WHERE l.status = 'completed' AND l.round > p.round)
    UNION ALL
    SELECT p.round, 'results', 'the race has no winner'
    FROM place p
    WHERE p.status = 'completed'
      AND NOT EXISTS (SELECT FROM line l WHERE l.race_id = p.id AND l.kind = 'race' AND l.position = 1)
    UNION ALL
    SELECT p.round, 'results', format('%s: place %s is missing', l.kind, n)
    FROM place p
    JOIN (SELECT race_id, kind, max(position) AS last FROM line GROUP BY race_id, kind) l ON l.race_id = p.id
    CROSS JOIN LATERAL generate_series(1, l.last) AS n
    WHERE NOT EXISTS (SELECT FROM line x WHERE x.race_id = l.race_id AND x.kind = l.kind AND x.position = n)
      AND NOT EXISTS (SELECT FROM line x WHERE x.race_id = l.race_id AND x.kind = l.kind AND x.position < n
                      GROUP BY x.position HAVING x.position + count(*) > n)
    UNION ALL
    SELECT p.round, 'results', format('%s: the winner has no time', l.kind)
    FROM place p JOIN line l ON l.race_id = p.id
    WHERE l.position = 1 AND l.position_text = '1' AND l.time_ms IS NULL
      AND NOT EXISTS (SELECT FROM line x WHERE x.race_id = l.race_id AND x.kind = l.kind AND x.position = 1
                      AND x.time_ms IS NOT NULL)
    UNION ALL
    SELECT p.round, 'results', format('%s: %s is faster than the place before', l.kind, l.driver_id)
    FROM place p
    JOIN (SELECT race_id, kind, driver_id, time_ms, laps, lag(time_ms) OVER w AS ahead_ms,
                 lag(laps) OVER w AS ahead_laps
          FROM line WHERE position_text ~ '^[0-9]+$' WINDOW w AS (PARTITION BY race_id, kind ORDER BY line)) l
      ON l.race_id = p.id
    WHERE l.time_ms < l.ahead_ms AND l.laps = l.ahead_laps
    UNION ALL
    SELECT p.round, 'qualifying', 'there is none of this race, but of others'
    FROM place p
    WHERE p.status = 'completed' AND NOT EXISTS (
        SELECT FROM session s JOIN qualifying_result q ON q.season = s.season AND q.session_id = s.id AND q.current
        WHERE s.race_id = p.id)
      AND EXISTS (SELECT FROM qualifying_result q WHERE q.season = :season AND q.current)
    UNION ALL
    SELECT p.round, 'qualifying', format('%s started, but has no line in qualifying', l.driver_id)
    FROM place p JOIN line l ON l.race_id = p.id AND l.kind = 'race' AND l.position_text <> 'W'
    WHERE EXISTS (SELECT FROM session s JOIN qualifying_result q ON q.season = s.season AND q.session_id = s.id
                  WHERE s.race_id = p.id AND q.current)
      AND NOT EXISTS (SELECT FROM session s JOIN qualifying_result q ON q.season = s.season AND q.session_id = s.id
                      JOIN entry e ON e.id = q.entry_id
                      WHERE s.race_id = p.id AND q.current AND e.driver_id = l.driver_id)
    UNION ALL
    SELECT p.round, 'standings', 'there are none after this race'
    FROM place p
    WHERE p.status = 'completed' AND NOT EXISTS (SELECT FROM driver_standing d WHERE d.race_id = p.id)
      AND p.round = (SELECT max(l.round) FROM place l WHERE l.status = 'completed')
    UNION ALL
    SELECT p.round, 'standings', format('%s has %s points, his results give %s', d.driver_id, d.points, t.points)
    FROM place p JOIN driver_standing d ON d.race_id = p.id
    CROSS JOIN LATERAL (SELECT coalesce(sum(l.points), 0) AS points FROM line l JOIN place o ON o.id = l.race_id
                        WHERE l.driver_id = d.driver_id AND o.round <= p.round) t
    WHERE :season >= 1991 AND d.points > t.points
    UNION ALL
    SELECT p.round, 'laps', format('%s has %s laps, his result says %s', d.driver_id, d.laps, l.laps)
    FROM place p JOIN session s ON s.race_id = p.id AND s.kind = 'race'
    JOIN (SELECT session_id, driver_id, count(*) AS laps FROM lap WHERE season = :season GROUP BY 1, 2) d
      ON d.session_id = s.id
    JOIN (SELECT race_id, driver_id, max(laps) AS laps FROM line WHERE kind = 'race' GROUP BY 1, 2) l
      ON l.race_id = p.id AND l.driver_id = d.driver_id
    WHERE d.laps NOT BETWEEN l.laps - 1 AND l.laps + 1
    UNION ALL
    SELECT p.round, 'laps', format('lap %s: %s and %s have the same place', a.lap, a.driver_id, b.driver_id)
    FROM place p JOIN session s ON s.race_id = p.id AND s.kind = 'race'
    JOIN lap a ON a.season = :season AND a.session_id = s.id
    JOIN lap b ON b.season = :season AND b.session_id = s.id AND b.lap = a.lap AND b.position = a.position
              AND b.driver_id > a.driver_id
    UNION ALL
    SELECT NULL, 'drivers', format('%s has no nationality', d.id)
    FROM season_driver s JOIN driver d ON d.id = s.driver_id WHERE s.season = :season AND d.nationality = ''
    UNION ALL
    SELECT NULL, 'drivers', format('%s has results, but is not among the drivers of the season', e.driver_id)
    FROM entry e
    WHERE e.season = :season
      AND NOT EXISTS (SELECT FROM season_driver s WHERE s.season = e.season AND s.driver_id = e.driver_id)
    GROUP BY e.driver_id
    UNION ALL
    SELECT NULL, 'partitions', 'results lie in the wrong place'
    WHERE EXISTS (SELECT FROM result x JOIN session s ON s.id = x.session_id
                  WHERE x.season = :season AND s.season <> x.season))
SELECT round, rule, detail FROM finding ORDER BY round NULLS FIRST, rule, detail
