-- summary: How complete each season is
-- access: read
SELECT s.year AS season, count(r.id) FILTER (WHERE r.status <> 'cancelled') AS races,
       count(r.id) FILTER (WHERE r.status = 'completed') AS completed,
       count(r.id) FILTER (WHERE EXISTS (SELECT FROM session q JOIN revision v ON v.session_id = q.id
                                         WHERE q.race_id = r.id AND q.kind = 'qualifying')) AS qualifying,
       count(r.id) FILTER (WHERE EXISTS (SELECT FROM driver_standing d WHERE d.race_id = r.id)) AS standings,
       count(r.id) FILTER (WHERE EXISTS (SELECT FROM session q JOIN session_load l ON l.session_id = q.id
                                         WHERE q.race_id = r.id AND l.kind = 'laps')) AS laps
FROM season s LEFT JOIN race r ON r.season = s.year
GROUP BY s.year ORDER BY s.year
