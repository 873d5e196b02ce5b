-- route: GET /api/v1/races/next
-- summary: The first race that has not started yet
-- auth: public
-- cache: schedule 60s
-- result: one
-- noun: race
-- example: /api/v1/races/next
SELECT i.* FROM next_race(:now) AS r JOIN race_detail i ON i.id = r.id
