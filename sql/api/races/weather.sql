-- route: GET /api/v1/races/{race_id}/weather
-- route: GET /api/v1/seasons/{year}/races/{round}/weather
-- summary: Weather of a race, forecast or observed, as a whole and hour by hour
-- param: race_id path slug -- the race's id
-- param: year path integer(1950..2199) -- season
-- param: round path integer(1..99) -- place in that season's calendar; a former one finds the race too
-- auth: public
-- cache: weather schedule 5m
-- result: one
-- schema: hours WeatherHours
-- noun: race, or no weather of it
-- example: /api/v1/races/2029-krakow-grand-prix/weather
-- example: /api/v1/seasons/2029/races/20/weather
SELECT r.id AS "race.id", r.season AS "race.season", r.round AS "race.round", r.name AS "race.name",
       c.id AS "circuit.id", c.name AS "circuit.name",
       w.conditions, w.temperature AS temperature_c, w.precipitation_mm, w.wind_kmh,
       w.rain_probability AS rain_probability_percent, w.is_forecast, w.starts_at, w.ends_at, w.source, w.fetched_at,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('at', utc_text(h.at), 'temperature_c', h.temperature,
                                                     'precipitation_mm', h.precipitation_mm, 'wind_kmh', h.wind_kmh,
                                                     'rain_probability_percent', h.rain_probability,
                                                     'wet_share', h.wet, 'is_forecast', h.is_forecast)
                                  ORDER BY h.at), '[]')
        FROM weather_hour h WHERE h.race_id = w.race_id) AS hours
FROM find_race(:race_id, :year, :round) AS r
JOIN weather w ON w.race_id = r.id
LEFT JOIN circuit c ON c.id = coalesce(w.circuit_id, r.circuit_id)
