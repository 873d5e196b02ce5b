-- route: GET /api/v1/races/last
-- summary: The latest race that has started
-- auth: public
-- cache: schedule 60s
-- result: one
-- noun: race
-- example: /api/v1/races/last
SELECT i.* FROM last_race(:now) AS r JOIN race_detail i ON i.id = r.id
