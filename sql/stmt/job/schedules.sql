-- summary: What comes again, and when
-- access: read
SELECT name, is_paused, next_at, last_at, period, summary, is_off FROM schedule ORDER BY name
