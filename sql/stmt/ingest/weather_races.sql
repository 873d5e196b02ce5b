-- summary: Races whose weather is to be asked for: of a season, one, or all that are due; and what is to be asked
-- params: season, round, race, again, due, archives, forecast_days, current, now, most
-- access: read
-- A service with archives tells of the past, some days later; one that knows what is current, what the weather is now.
-- Forecasts are due every day, from three days before the race every 6 hours, on the eve and on the day every hour; ten
-- minutes early, because a schedule is not on the second. An archive that had no answer is asked a day later each time.
WITH candidate AS (
    SELECT w.*, o.source, o.is_forecast, k.asked_at, coalesce(k.in_vain, 0) AS in_vain,
        CASE WHEN :archives::boolean AND w.ends_at + interval '5 days' <= :now THEN 'archive'
             WHEN :current::boolean AND w.starts_at + interval '30 minutes' <= :now
                  AND :now < w.ends_at + interval '30 minutes' THEN 'current'
             WHEN w.ends_at + CASE WHEN :archives THEN interval '5 days' ELSE interval '0' END > :now
                  AND ((w.ends_at + interval '1 hour') AT TIME ZONE 'UTC')::date
                      <= (:now::timestamptz AT TIME ZONE 'UTC')::date + :forecast_days::integer THEN 'forecast'
        END AS question
    FROM race_window w
    LEFT JOIN weather o ON o.race_id = w.race_id
    LEFT JOIN weather_check k ON k.race_id = w.race_id
    WHERE w.status <> 'cancelled' AND w.latitude IS NOT NULL AND w.longitude IS NOT NULL
      AND o.source IS DISTINCT FROM 'openf1'
      AND (w.season = :season::integer OR :season IS NULL) AND (w.round = :round::integer OR :round IS NULL)
      AND (w.race_id = :race OR :race IS NULL))
SELECT c.race_id, c.question, c.season, c.round, c.latitude, c.longitude,
       (c.first_hour AT TIME ZONE 'UTC')::date AS first_day,
       ((c.ends_at + interval '1 hour') AT TIME ZONE 'UTC')::date AS last_day,
       extract(epoch FROM c.first_hour)::bigint AS first_hour, extract(epoch FROM c.ends_at)::bigint AS ends_at,
       c.source IS NOT NULL AS is_known
FROM candidate c
WHERE c.question IS NOT NULL
  AND (:again::boolean OR c.question <> 'archive' OR c.source IS NULL OR c.is_forecast)
  AND (NOT :due::boolean OR c.asked_at IS NULL OR c.asked_at > :now
       OR c.asked_at - interval '10 minutes'
          + CASE WHEN c.question = 'archive' THEN interval '1 day' * (1 + c.in_vain)
                 WHEN c.question = 'current' THEN interval '30 minutes'
                 WHEN c.starts_at - interval '3 days' > :now OR c.ends_at <= :now THEN interval '1 day'
                 WHEN c.starts_at - interval '1 day' > :now THEN interval '6 hours'
                 ELSE interval '1 hour' END <= :now)
ORDER BY c.question = 'archive', c.in_vain, c.starts_at DESC
LIMIT :most::integer
