-- summary: Lines of races that meet criteria
-- params: season, round, circuit, constructor, driver, grid, position, fastest, status, limit, offset
-- access: read
WITH hit AS (
    SELECT f.season, f.round, f.session_id, f.revision, f.line
    FROM ergast_find('race', :season, :round, :circuit, :constructor, :driver,
                     :grid, :position, :fastest, :status) AS f),
page AS (SELECT * FROM hit ORDER BY season, round, line LIMIT :limit OFFSET :offset)
SELECT n.total, r.season, r.round, r.url, r."raceName", r."Circuit.circuitId", r."Circuit.url",
       r."Circuit.circuitName", r."Circuit.Location.lat", r."Circuit.Location.long", r."Circuit.Location.locality",
       r."Circuit.Location.country", r.date, r.time, e.number AS "Results[].number",
       c.position AS "Results[].position", c.position_text AS "Results[].positionText",
       trim_scale(c.points) AS "Results[].points",
       d."driverId" AS "Results[].Driver.driverId", d."permanentNumber" AS "Results[].Driver.permanentNumber",
       d.code AS "Results[].Driver.code", d.url AS "Results[].Driver.url",
       d."givenName" AS "Results[].Driver.givenName", d."familyName" AS "Results[].Driver.familyName",
       d."dateOfBirth" AS "Results[].Driver.dateOfBirth", d.nationality AS "Results[].Driver.nationality",
       k.id AS "Results[].Constructor.constructorId", k.url AS "Results[].Constructor.url",
       k.name AS "Results[].Constructor.name", nullif(k.nationality, '') AS "Results[].Constructor.nationality",
       c.grid AS "Results[].grid", c.laps AS "Results[].laps", c.status AS "Results[].status",
       c.time_ms AS "Results[].Time.millis", c.time_text AS "Results[].Time.time",
       c.fastest_rank AS "Results[].FastestLap.rank", c.fastest_lap AS "Results[].FastestLap.lap",
       c.fastest_text AS "Results[].FastestLap.Time.time", c.fastest_unit AS "Results[].FastestLap.AverageSpeed.units",
       round(c.fastest_speed, 3) AS "Results[].FastestLap.AverageSpeed.speed"
FROM (SELECT count(*) AS total FROM hit) AS n
LEFT JOIN (page p
           JOIN result c USING (season, session_id, revision, line)
           JOIN entry e ON e.id = c.entry_id
           JOIN ergast_race r USING (race_id)
           JOIN ergast_driver d ON d.id = e.driver_id
           JOIN constructor k ON k.id = e.constructor_id) ON true
ORDER BY p.season, p.round, p.line
