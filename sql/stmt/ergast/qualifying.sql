-- summary: Lines of qualifyings; a place, since 2023, is one in any part, and pages follow the best of them
-- params: season, round, circuit, constructor, driver, grid, position, fastest, status, number, limit, offset
-- access: read
WITH part AS (
    SELECT r.season, r.round, e.race_id, e.driver_id, e.constructor_id, q.session_id, q.revision, q.line, q.position,
           CASE WHEN r.season >= 2023 AND q.q1_text IS NOT NULL AND q.q2_text IS NOT NULL THEN
               row_number() OVER (PARTITION BY q.session_id, q.q1_text IS NULL ORDER BY q.q1_ms, q.position)
           END AS first,
           CASE WHEN r.season >= 2023 AND q.q2_text IS NOT NULL AND q.q3_text IS NOT NULL THEN
               row_number() OVER (PARTITION BY q.session_id, q.q2_text IS NULL ORDER BY q.q2_ms, q.position)
           END AS second
    FROM race r
    JOIN session s ON s.race_id = r.id AND s.kind = 'qualifying'
    JOIN qualifying_result q ON q.season = s.season AND q.session_id = s.id AND q.current
    JOIN entry e ON e.id = q.entry_id
    WHERE r.round IS NOT NULL AND r.season BETWEEN coalesce(:season, 1950) AND coalesce(:season, 2199)
      AND q.season BETWEEN coalesce(:season, 1950) AND coalesce(:season, 2199)
      AND (r.round = :round OR :round IS NULL) AND (r.circuit_id = :circuit OR :circuit IS NULL)),
hit AS (
    SELECT p.*, CASE WHEN num_nonnulls(:position::integer, :status::integer) > 0 THEN
                    (SELECT min(c.position) FROM current_result c
                     WHERE c.race_id = p.race_id AND c.driver_id = p.driver_id AND c.season = p.season
                       AND c.kind = 'race')
                ELSE least(p.position, p.first, p.second) END AS best
    FROM part p
    WHERE (p.driver_id = :driver OR :driver IS NULL) AND (p.constructor_id = :constructor OR :constructor IS NULL)
      AND (:number::integer IN (p.position, p.first, p.second) OR :number IS NULL)
      AND (num_nonnulls(:grid::integer, :position, nullif(:fastest::integer, 0), :status) = 0
           OR (p.race_id, p.driver_id) IN (SELECT f.race_id, f.driver_id
                                           FROM ergast_find('race', :season, :round, :circuit, NULL, :driver, :grid,
                                                            :position, :fastest, :status) AS f))),
page AS (
    SELECT * FROM hit ORDER BY season, round, best, position, line LIMIT :limit OFFSET :offset)
SELECT n.total, r.season, r.round, r.url, r."raceName", r."Circuit.circuitId", r."Circuit.url",
       r."Circuit.circuitName", r."Circuit.Location.lat", r."Circuit.Location.long", r."Circuit.Location.locality",
       r."Circuit.Location.country", r.date, r.time, e.number AS "QualifyingResults[].number",
       c.position AS "QualifyingResults[].position",
       d."driverId" AS "QualifyingResults[].Driver.driverId",
       d."permanentNumber" AS "QualifyingResults[].Driver.permanentNumber",
       d.code AS "QualifyingResults[].Driver.code", d.url AS "QualifyingResults[].Driver.url",
       d."givenName" AS "QualifyingResults[].Driver.givenName",
       d."familyName" AS "QualifyingResults[].Driver.familyName",
       d."dateOfBirth" AS "QualifyingResults[].Driver.dateOfBirth",
       d.nationality AS "QualifyingResults[].Driver.nationality",
       k.id AS "QualifyingResults[].Constructor.constructorId", k.url AS "QualifyingResults[].Constructor.url",
       k.name AS "QualifyingResults[].Constructor.name",
       nullif(k.nationality, '') AS "QualifyingResults[].Constructor.nationality",
       c.q1_text AS "QualifyingResults[].Q1", c.q2_text AS "QualifyingResults[].Q2",
       c.q3_text AS "QualifyingResults[].Q3"
FROM (SELECT count(*) AS total FROM hit) AS n
LEFT JOIN (page p
           JOIN qualifying_result c USING (season, session_id, revision, line)
           JOIN entry e ON e.id = c.entry_id
           JOIN ergast_race r ON r.race_id = e.race_id
           JOIN ergast_driver d ON d.id = e.driver_id
           JOIN constructor k ON k.id = e.constructor_id) ON true
ORDER BY p.season, p.round, c.position, c.line
