DELETE FROM schedule WHERE name = 'weather';
DROP TRIGGER weather_follow ON openf1_load;
DROP TRIGGER weather_follow_link ON openf1_sessions;
DROP TRIGGER weather_follow_end ON openf1_sessions;
DROP FUNCTION weather_follow_openf1, weather_from_openf1, weather_forget, weather_put, weather_conditions;
DROP VIEW race_window, race_detail;
DROP TABLE weather_hour, weather_check;
DROP TRIGGER generation_insert ON weather;
DROP TRIGGER generation_delete ON weather;
DROP TRIGGER generation_update ON weather;
DROP TRIGGER generation_truncate ON weather;
DELETE FROM generation WHERE domain = 'weather';
ALTER TABLE weather DROP COLUMN rain_probability, DROP COLUMN is_forecast, DROP COLUMN starts_at, DROP COLUMN ends_at,
    DROP COLUMN circuit_id;
SELECT generation_follow('{weather}', 'schedule');
CREATE VIEW race_detail AS
    SELECT i.*,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', s.kind, 'date', s.date,
                                                         'starts_at', utc_text(s.starts_at),
                                                         'starts_at_local', local_time(s.starts_at, i.time_zone))
                                      ORDER BY s.date, s.starts_at, s.id), '[]')
            FROM session s WHERE s.race_id = i.id) AS sessions,
           w.temperature AS "weather.temperature", w.precipitation_mm AS "weather.precipitation_mm",
           w.wind_kmh AS "weather.wind_kmh", w.conditions AS "weather.conditions"
    FROM race_item i LEFT JOIN weather w ON w.race_id = i.id;
