-- summary: Pit stops of a race
-- params: season, round, circuit, constructor, driver, grid, position, fastest, status, lap, number, limit, offset
-- access: read
WITH hit AS (
    SELECT t.season, t.session_id, s.race_id, t.driver_id, t.stop, t.lap, t.local_time
    FROM race r
    JOIN session s ON s.race_id = r.id AND s.kind = 'race'
    JOIN pit_stop t ON t.season = s.season AND t.session_id = s.id
    WHERE r.season = :season AND r.round = :round AND t.season = :season
      AND (r.circuit_id = :circuit OR :circuit IS NULL) AND (t.driver_id = :driver OR :driver IS NULL)
      AND (t.lap = :lap OR :lap IS NULL) AND (t.stop = :number OR :number IS NULL)
      AND (num_nonnulls(:constructor::text, :grid::integer, :position::integer, nullif(:fastest::integer, 0),
                        :status::integer) = 0
           OR t.driver_id IN (SELECT f.driver_id
                              FROM ergast_find('race', :season, :round, NULL, :constructor, :driver, :grid, :position,
                                               :fastest, :status) AS f))),
page AS (SELECT * FROM hit ORDER BY lap, local_time, stop, driver_id LIMIT :limit OFFSET :offset)
SELECT n.total, r.season, r.round, r.url, r."raceName", r."Circuit.circuitId", r."Circuit.url",
       r."Circuit.circuitName", r."Circuit.Location.lat", r."Circuit.Location.long", r."Circuit.Location.locality",
       r."Circuit.Location.country", r.date, r.time, d."driverId" AS "PitStops[].driverId", p.lap AS "PitStops[].lap",
       p.stop AS "PitStops[].stop", to_char(p.local_time, 'HH24:MI:SS') AS "PitStops[].time",
       t.duration_text AS "PitStops[].duration"
FROM (SELECT count(*) AS total FROM hit) AS n
LEFT JOIN (page p
           JOIN pit_stop t USING (season, session_id, driver_id, stop)
           JOIN ergast_race r USING (race_id)
           JOIN ergast_driver d ON d.id = p.driver_id) ON true
ORDER BY p.lap, p.local_time, p.stop, p.driver_id
