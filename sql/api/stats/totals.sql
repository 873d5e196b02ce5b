-- route: GET /api/v1/stats
-- summary: What the database holds
-- auth: public
-- cache: schedule entrants results laps 1h
-- result: one
-- example: /api/v1/stats
SELECT (SELECT count(*) FROM driver) AS drivers,
       (SELECT count(*) FROM constructor) AS constructors,
       (SELECT count(*) FROM circuit) AS circuits,
       (SELECT count(*) FROM race) AS races,
       (SELECT count(*) FROM race WHERE status = 'completed') AS completed_races,
       v.results, v.qualifying_results, l.laps, l.pit_stops,
       (SELECT count(*) FROM season) AS "seasons.count", (SELECT min(year) FROM season) AS "seasons.first",
       (SELECT max(year) FROM season) AS "seasons.last"
FROM (SELECT coalesce(sum(v.row_count) FILTER (WHERE s.kind IN ('race', 'sprint')), 0) AS results,
             coalesce(sum(v.row_count) FILTER (WHERE s.kind NOT IN ('race', 'sprint')), 0) AS qualifying_results
      FROM (SELECT DISTINCT ON (session_id) session_id, row_count FROM revision ORDER BY session_id, number DESC) AS v
      JOIN session s ON s.id = v.session_id) AS v
CROSS JOIN (SELECT coalesce(sum(row_count) FILTER (WHERE kind = 'laps'), 0) AS laps,
                   coalesce(sum(row_count) FILTER (WHERE kind = 'pitstops'), 0) AS pit_stops
            FROM session_load) AS l
