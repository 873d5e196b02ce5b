-- summary: Standings of drivers after a round, without one after the last that has any
-- params: season, round, round_text, driver, number, limit, offset
-- access: read
WITH after AS (
    SELECT r.id, r.season, r.round FROM race r
    WHERE r.season = :season AND (r.round = :round OR :round IS NULL)
      AND EXISTS (SELECT FROM driver_standing s WHERE s.race_id = r.id)
    ORDER BY r.round DESC LIMIT 1),
hit AS (
    SELECT s.race_id, s.driver_id, s.line FROM after a JOIN driver_standing s ON s.race_id = a.id
    WHERE (s.driver_id = :driver OR :driver IS NULL) AND (s.position = :number OR :number IS NULL)),
page AS (SELECT * FROM hit ORDER BY line LIMIT :limit OFFSET :offset)
SELECT n.total, (SELECT a.round FROM after a) AS after, a.season,
       CASE WHEN a.round IS NOT NULL THEN coalesce(:round_text, a.round::text) END AS round,
       s.position AS "DriverStandings[].position", s.position_text AS "DriverStandings[].positionText",
       trim_scale(s.points) AS "DriverStandings[].points", s.wins AS "DriverStandings[].wins",
       d."driverId" AS "DriverStandings[].Driver.driverId",
       d."permanentNumber" AS "DriverStandings[].Driver.permanentNumber", d.code AS "DriverStandings[].Driver.code",
       d.url AS "DriverStandings[].Driver.url", d."givenName" AS "DriverStandings[].Driver.givenName",
       d."familyName" AS "DriverStandings[].Driver.familyName",
       d."dateOfBirth" AS "DriverStandings[].Driver.dateOfBirth",
       d.nationality AS "DriverStandings[].Driver.nationality",
       k.id AS "DriverStandings[].Constructors[].constructorId", k.url AS "DriverStandings[].Constructors[].url",
       k.name AS "DriverStandings[].Constructors[].name",
       nullif(k.nationality, '') AS "DriverStandings[].Constructors[].nationality"
FROM (SELECT count(*) AS total FROM hit) AS n
LEFT JOIN (page p
           JOIN driver_standing s USING (race_id, driver_id)
           JOIN after a ON a.id = s.race_id
           JOIN ergast_driver d ON d.id = s.driver_id
           LEFT JOIN LATERAL unnest(s.constructor_ids) WITH ORDINALITY AS o (id, place) ON true
           LEFT JOIN constructor k ON k.id = o.id) ON true
ORDER BY s.line, o.place
