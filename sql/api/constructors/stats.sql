-- route: GET /api/v1/constructors/{constructor_id}/stats
-- summary: A constructor's history in figures
-- param: constructor_id path slug
-- auth: public
-- cache: results standings entrants schedule 1h
-- result: one
-- noun: constructor
-- example: /api/v1/constructors/granite/stats
-- example: /api/v1/constructors/nobody/stats
SELECT k.id AS "constructor.id", k.name AS "constructor.name",
       c.seasons, c.first_season, c.last_season, t.titles, c.entries, c.starts, c.wins, c.podiums, c.poles,
       c.fastest_laps, c.sprint_wins, c.points, c.best_position
FROM constructor k
CROSS JOIN LATERAL (
    SELECT count(DISTINCT r.season) AS seasons, min(r.season) AS first_season, max(r.season) AS last_season,
           count(*) FILTER (WHERE r.kind = 'race') AS entries,
           count(*) FILTER (WHERE r.kind = 'race' AND r.started) AS starts,
           count(*) FILTER (WHERE r.kind = 'race' AND r.best = 1) AS wins,
           coalesce(sum(r.podiums) FILTER (WHERE r.kind = 'race'), 0) AS podiums,
           count(*) FILTER (WHERE r.kind = 'race' AND r.pole) AS poles,
           count(*) FILTER (WHERE r.kind = 'race' AND r.fastest_lap) AS fastest_laps,
           min(r.best) FILTER (WHERE r.kind = 'race') AS best_position,
           count(*) FILTER (WHERE r.kind = 'sprint' AND r.best = 1) AS sprint_wins,
           coalesce(sum(r.points), 0) AS points
    FROM constructor_session r WHERE r.constructor_id = k.id) AS c
CROSS JOIN LATERAL (
    SELECT count(*) AS titles FROM constructor_standing s JOIN season_end z ON z.race_id = s.race_id
    WHERE s.constructor_id = k.id AND s.position = 1) AS t
WHERE k.id = :constructor_id
