-- summary: Lines of sprints; what is asked of the place or the fastest lap in the race, no sprint has
-- params: season, round, circuit, constructor, driver, grid, position, fastest, status, number, limit, offset
-- access: read
WITH hit AS (
    SELECT f.season, f.round, f.session_id, f.revision, f.line
    FROM ergast_find('sprint', :season, :round, :circuit, :constructor, :driver, :grid, :number, NULL,
                     :status) AS f
    WHERE num_nonnulls(:position::integer, nullif(:fastest::integer, 0)) = 0),
page AS (SELECT * FROM hit ORDER BY season, round, line LIMIT :limit OFFSET :offset)
SELECT n.total, r.season, r.round, r.url, r."raceName", r."Circuit.circuitId", r."Circuit.url",
       r."Circuit.circuitName", r."Circuit.Location.lat", r."Circuit.Location.long", r."Circuit.Location.locality",
       r."Circuit.Location.country", r.date, r.time, e.number AS "SprintResults[].number",
       c.position AS "SprintResults[].position", c.position_text AS "SprintResults[].positionText",
       trim_scale(c.points) AS "SprintResults[].points",
       d."driverId" AS "SprintResults[].Driver.driverId",
       d."permanentNumber" AS "SprintResults[].Driver.permanentNumber", d.code AS "SprintResults[].Driver.code",
       d.url AS "SprintResults[].Driver.url", d."givenName" AS "SprintResults[].Driver.givenName",
       d."familyName" AS "SprintResults[].Driver.familyName", d."dateOfBirth" AS "SprintResults[].Driver.dateOfBirth",
       d.nationality AS "SprintResults[].Driver.nationality",
       k.id AS "SprintResults[].Constructor.constructorId", k.url AS "SprintResults[].Constructor.url",
       k.name AS "SprintResults[].Constructor.name",
       nullif(k.nationality, '') AS "SprintResults[].Constructor.nationality",
       c.grid AS "SprintResults[].grid", c.laps AS "SprintResults[].laps", c.status AS "SprintResults[].status",
       c.time_ms AS "SprintResults[].Time.millis", c.time_text AS "SprintResults[].Time.time",
       c.fastest_rank AS "SprintResults[].FastestLap.rank", c.fastest_lap AS "SprintResults[].FastestLap.lap",
       c.fastest_text AS "SprintResults[].FastestLap.Time.time",
       c.fastest_unit AS "SprintResults[].FastestLap.AverageSpeed.units",
       round(c.fastest_speed, 3) AS "SprintResults[].FastestLap.AverageSpeed.speed"
FROM (SELECT count(*) AS total FROM hit) AS n
LEFT JOIN (page p
           JOIN result c USING (season, session_id, revision, line)
           JOIN entry e ON e.id = c.entry_id
           JOIN ergast_race r USING (race_id)
           JOIN ergast_driver d ON d.id = e.driver_id
           JOIN constructor k ON k.id = e.constructor_id) ON true
ORDER BY p.season, p.round, p.line
