-- summary: Forgets the weather of races that are not run, or elsewhere, or at another time
SELECT weather_forget(o.race_id)
FROM weather o JOIN race_window w ON w.race_id = o.race_id
WHERE o.source <> 'openf1'
  AND (w.status = 'cancelled' AND o.is_forecast OR o.starts_at <> w.starts_at OR o.circuit_id <> w.circuit_id)
