-- summary: Standings of constructors after a round, without one after the last that has any
-- params: season, round, round_text, constructor, number, limit, offset
-- access: read
WITH after AS (
    SELECT r.id, r.season, r.round FROM race r
    WHERE r.season = :season AND (r.round = :round OR :round IS NULL)
      AND EXISTS (SELECT FROM constructor_standing s WHERE s.race_id = r.id)
    ORDER BY r.round DESC LIMIT 1),
hit AS (
    SELECT s.race_id, s.constructor_id, s.line FROM after a JOIN constructor_standing s ON s.race_id = a.id
    WHERE (s.constructor_id = :constructor OR :constructor IS NULL) AND (s.position = :number OR :number IS NULL)),
page AS (SELECT * FROM hit ORDER BY line LIMIT :limit OFFSET :offset)
SELECT n.total, (SELECT a.round FROM after a) AS after, a.season,
       CASE WHEN a.round IS NOT NULL THEN coalesce(:round_text, a.round::text) END AS round,
       s.position AS "ConstructorStandings[].position", s.position_text AS "ConstructorStandings[].positionText",
       trim_scale(s.points) AS "ConstructorStandings[].points", s.wins AS "ConstructorStandings[].wins",
       k.id AS "ConstructorStandings[].Constructor.constructorId", k.url AS "ConstructorStandings[].Constructor.url",
       k.name AS "ConstructorStandings[].Constructor.name",
       nullif(k.nationality, '') AS "ConstructorStandings[].Constructor.nationality"
FROM (SELECT count(*) AS total FROM hit) AS n
LEFT JOIN (page p
           JOIN constructor_standing s USING (race_id, constructor_id)
           JOIN after a ON a.id = s.race_id
           JOIN constructor k ON k.id = s.constructor_id) ON true
ORDER BY s.line
