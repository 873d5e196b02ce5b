-- summary: What comes again, and when
-- access: read
SELECT name, is_paused, next_at, last_at, period, summary FROM schedule ORDER BY name
