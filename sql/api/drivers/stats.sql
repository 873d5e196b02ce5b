-- route: GET /api/v1/drivers/{driver_id}/stats
-- summary: A driver's career in figures
-- param: driver_id path slug
-- auth: public
-- cache: results standings entrants schedule 1h
-- result: one
-- noun: driver
-- example: /api/v1/drivers/hakimi/stats
-- example: /api/v1/drivers/nobody/stats
SELECT d.id AS "driver.id", d.code AS "driver.code", d.name AS "driver.name",
       c.seasons, c.first_season, c.last_season, t.titles, c.entries, c.starts, c.wins, c.podiums, c.poles,
       q.qualifying_wins, c.fastest_laps, c.sprint_starts, c.sprint_wins, c.points, c.best_position, c.retirements,
       c.laps
FROM driver d
CROSS JOIN LATERAL (
    SELECT count(DISTINCT r.season) AS seasons, min(r.season) AS first_season, max(r.season) AS last_season,
           count(*) FILTER (WHERE r.kind = 'race') AS entries,
           count(*) FILTER (WHERE r.kind = 'race' AND r.started) AS starts,
           count(*) FILTER (WHERE r.kind = 'race' AND r.best = 1) AS wins,
           count(*) FILTER (WHERE r.kind = 'race' AND r.best <= 3) AS podiums,
           count(*) FILTER (WHERE r.kind = 'race' AND r.pole) AS poles,
           count(*) FILTER (WHERE r.kind = 'race' AND r.fastest_lap) AS fastest_laps,
           count(*) FILTER (WHERE r.kind = 'race' AND r.retired) AS retirements,
           min(r.best) FILTER (WHERE r.kind = 'race') AS best_position,
           coalesce(sum(r.laps) FILTER (WHERE r.kind = 'race'), 0) AS laps,
           count(*) FILTER (WHERE r.kind = 'sprint' AND r.started) AS sprint_starts,
           count(*) FILTER (WHERE r.kind = 'sprint' AND r.best = 1) AS sprint_wins,
           coalesce(sum(r.points), 0) AS points
    FROM driver_session r WHERE r.driver_id = d.id) AS c
CROSS JOIN LATERAL (
    SELECT count(*) AS qualifying_wins
    FROM entry e
    JOIN qualifying_result r ON r.entry_id = e.id AND r.season = e.season AND r.current AND r.position = 1
    JOIN session s ON s.id = r.session_id AND s.kind = 'qualifying'
    WHERE e.driver_id = d.id) AS q
CROSS JOIN LATERAL (
    SELECT count(*) AS titles FROM driver_standing s JOIN season_end z ON z.race_id = s.race_id
    WHERE s.driver_id = d.id AND s.position = 1) AS t
WHERE d.id = :driver_id
