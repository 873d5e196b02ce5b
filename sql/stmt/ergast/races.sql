-- summary: The calendar, or its races that meet criteria
-- params: season, round, circuit, constructor, driver, grid, position, fastest, status, limit, offset
-- access: read
WITH hit AS (
    SELECT r.id, r.season, r.round FROM race r
    WHERE r.round IS NOT NULL AND r.status <> 'cancelled'
      AND (r.season = :season OR :season IS NULL) AND (r.round = :round OR :round IS NULL)
      AND (r.circuit_id = :circuit OR :circuit IS NULL)
      AND (num_nonnulls(:constructor::text, :driver::text, :grid::integer, :position::integer, :fastest::integer,
                        :status::integer) = 0
           OR r.id IN (SELECT f.race_id
                       FROM ergast_find(NULL, :season, :round, :circuit, :constructor, :driver, :grid,
                                        :position, :fastest, :status) AS f))),
page AS (SELECT * FROM hit ORDER BY season, round LIMIT :limit OFFSET :offset)
SELECT n.total, r.season, r.round, r.url, r."raceName", r."Circuit.circuitId", r."Circuit.url",
       r."Circuit.circuitName", r."Circuit.Location.lat", r."Circuit.Location.long", r."Circuit.Location.locality",
       r."Circuit.Location.country", r.date, r.time, w.*
FROM (SELECT count(*) AS total FROM hit) AS n
LEFT JOIN (page p JOIN ergast_race r ON r.race_id = p.id) ON true
LEFT JOIN LATERAL (
    SELECT max(s.date) FILTER (WHERE s.member = 'FirstPractice') AS "FirstPractice.date",
           max(s.time) FILTER (WHERE s.member = 'FirstPractice') AS "FirstPractice.time",
           max(s.date) FILTER (WHERE s.member = 'SecondPractice') AS "SecondPractice.date",
           max(s.time) FILTER (WHERE s.member = 'SecondPractice') AS "SecondPractice.time",
           max(s.date) FILTER (WHERE s.member = 'ThirdPractice') AS "ThirdPractice.date",
           max(s.time) FILTER (WHERE s.member = 'ThirdPractice') AS "ThirdPractice.time",
           max(s.date) FILTER (WHERE s.member = 'Qualifying') AS "Qualifying.date",
           max(s.time) FILTER (WHERE s.member = 'Qualifying') AS "Qualifying.time",
           max(s.date) FILTER (WHERE s.member = 'Sprint') AS "Sprint.date",
           max(s.time) FILTER (WHERE s.member = 'Sprint') AS "Sprint.time",
           max(s.date) FILTER (WHERE s.member = 'SprintShootout') AS "SprintShootout.date",
           max(s.time) FILTER (WHERE s.member = 'SprintShootout') AS "SprintShootout.time",
           max(s.date) FILTER (WHERE s.member = 'SprintQualifying') AS "SprintQualifying.date",
           max(s.time) FILTER (WHERE s.member = 'SprintQualifying') AS "SprintQualifying.time"
    FROM ergast_session s WHERE s.race_id = p.id) AS w ON true
ORDER BY r.season, r.round
