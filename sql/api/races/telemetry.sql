-- route: GET /api/v1/races/{race_id}/telemetry
-- route: GET /api/v1/seasons/{year}/races/{round}/telemetry
-- summary: A lap's telemetry: speed, engine, gear, pedals and place on the course against time and distance
-- param: race_id path slug -- the race's id
-- param: year path integer(1950..2199) -- season
-- param: round path integer(1..99) -- place in that season's calendar; a former one finds the race too
-- param: driver query slug required -- id of the driver
-- param: lap query text(1..7) default=fastest -- number of the lap, or fastest
-- param: session query enum(race|qualifying|sprint|sprint_qualifying|practice_1|practice_2|practice_3) default=race
-- auth: public
-- cache: openf1 entrants schedule 1h
-- result: one
-- noun: lap with telemetry
-- example: /api/v1/races/2030-alentejo-grand-prix/telemetry?driver=dziedzic&lap=2
-- example: /api/v1/seasons/2030/races/9/telemetry?driver=dziedzic
WITH lap AS MATERIALIZED (
    SELECT d.driver_id, l.session_key, l.driver_number, l.lap_number, l.lap_duration, b.since,
           coalesce(b.since + l.lap_duration * interval '1 s', n.date_start) AS until
    FROM find_race(:race_id, :year, :round) AS r
    JOIN session s ON s.race_id = r.id AND s.kind = :session
    JOIN openf1_sessions o ON o.session_id = s.id
    JOIN openf1_drivers d ON d.session_key = o.session_key AND d.driver_id = :driver
    JOIN openf1_laps l ON l.session_key = o.session_key AND l.driver_number = d.driver_number
    LEFT JOIN openf1_laps n ON n.session_key = l.session_key AND n.driver_number = l.driver_number
                           AND n.lap_number = l.lap_number + 1
    CROSS JOIN LATERAL (SELECT coalesce(l.date_start, CASE l.lap_number WHEN 1 THEN o.date_start END) AS since) AS b
    WHERE l.lap_number::text = :lap OR (:lap = 'fastest' AND l.lap_duration > 0)
    ORDER BY l.lap_duration, l.lap_number, o.session_key LIMIT 1),
place AS (
    SELECT p.date, p.x, p.y, p.z, lead(p.date) OVER w AS next_date, lead(p.x) OVER w AS next_x,
           lead(p.y) OVER w AS next_y, lead(p.z) OVER w AS next_z
    FROM lap JOIN openf1_location p ON p.session_key = lap.session_key AND p.driver_number = lap.driver_number
         AND p.date BETWEEN lap.since - interval '2 s' AND lap.until + interval '2 s'
    WINDOW w AS (ORDER BY p.date)),
car AS (                                                    -- each sample has way behind it, the first since the start
    SELECT c.*, (c.speed + coalesce(lag(c.speed) OVER w, c.speed)) / 7.2::float8
                * date_part('epoch', c.date - coalesce(lag(c.date) OVER w, lap.since)) AS way
    FROM lap JOIN openf1_car_data c ON c.session_key = lap.session_key AND c.driver_number = lap.driver_number
         AND c.date >= lap.since AND c.date < lap.until
    WINDOW w AS (ORDER BY c.date)),
merged AS (                                                 -- places, and the samples behind each
    SELECT m.*, count(m.placed) OVER (ORDER BY m.date, m.placed) AS place
    FROM (SELECT date, date AS placed, x, y, z, next_date, next_x, next_y, next_z, NULL::smallint AS speed,
                 NULL::smallint AS rpm, NULL::smallint AS gear, NULL::smallint AS throttle, NULL::smallint AS brake,
                 NULL::smallint AS drs, NULL::float8 AS way, false AS is_car FROM place
          UNION ALL
          SELECT date, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, speed, rpm, n_gear, throttle, brake, drs, way,
                 true FROM car) AS m),
placed AS (
    SELECT m.date, m.speed, m.rpm, m.gear, m.throttle, m.brake, m.drs, m.is_car,
           sum(m.way) OVER (ORDER BY m.date) AS distance,
           first_value(m.x) OVER g AS x, first_value(m.y) OVER g AS y, first_value(m.z) OVER g AS z,
           first_value(m.next_x) OVER g AS next_x, first_value(m.next_y) OVER g AS next_y,
           first_value(m.next_z) OVER g AS next_z,
           date_part('epoch', m.date - first_value(m.date) OVER g)
           / date_part('epoch', first_value(m.next_date) OVER g - first_value(m.date) OVER g) AS part
    FROM merged m WINDOW g AS (PARTITION BY m.place ORDER BY m.date, m.placed))
SELECT d.id AS "driver.id", d.code AS "driver.code", d.name AS "driver.name", :session::text AS session,
       lap.lap_number AS "lap.number", lap.since AS "lap.starts_at",
       (lap.lap_duration * 1000)::integer AS "lap.time.ms",
       lap_text((lap.lap_duration * 1000)::bigint) AS "lap.time.text",
       (SELECT json_agg(q ORDER BY q.time_ms)
        FROM (SELECT round(date_part('epoch', p.date - lap.since) * 1000)::integer AS time_ms,
                     round(p.distance::numeric, 1) AS distance, p.speed, p.rpm, p.gear, p.throttle, p.brake, p.drs,
                     round(p.x + (p.next_x - p.x) * p.part)::integer AS x,
                     round(p.y + (p.next_y - p.y) * p.part)::integer AS y,
                     round(p.z + (p.next_z - p.z) * p.part)::integer AS z
              FROM placed p WHERE p.is_car) AS q) AS samples
FROM lap JOIN driver d ON d.id = lap.driver_id
WHERE EXISTS (SELECT FROM car)
