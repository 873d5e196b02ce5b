-- route: GET /api/v1/seasons
-- summary: Seasons, newest first
-- auth: public
-- cache: schedule 1h
-- result: list
-- schema: year Season
-- example: /api/v1/seasons
SELECT s.year, c.races, c.completed, c.first_race, c.last_race, s.url
FROM season s
CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE r.status <> 'cancelled') AS races,
                           count(*) FILTER (WHERE r.status = 'completed') AS completed,
                           min(r.date) AS first_race, max(r.date) AS last_race
                    FROM race r WHERE r.season = s.year) AS c
ORDER BY s.year DESC
