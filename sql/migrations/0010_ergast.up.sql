-- What the Ergast-compatible API shares: the numbers of its statuses, its order of names, and its view of races and of
-- who was in them.

-- Before 2005 the calendar names no sessions but the race; of some there are results all the same.
ALTER TABLE session ADD COLUMN is_planned boolean NOT NULL DEFAULT true;

-- The numbers are part of that API; statuses are compared by their words.
CREATE TABLE ergast_status (
    id          integer PRIMARY KEY,
    name        text NOT NULL UNIQUE
);
INSERT INTO ergast_status (id, name) VALUES
    (1, 'Finished'), (2, 'Disqualified'), (3, 'Accident'), (4, 'Collision'), (5, 'Engine'), (6, 'Gearbox'),
    (7, 'Transmission'), (8, 'Clutch'), (9, 'Hydraulics'), (10, 'Electrical'), (11, '+1 Lap'), (12, '+2 Laps'),
    (13, '+3 Laps'), (14, '+4 Laps'), (15, '+5 Laps'), (16, '+6 Laps'), (17, '+7 Laps'), (18, '+8 Laps'),
    (19, '+9 Laps'), (20, 'Spun off'), (21, 'Radiator'), (22, 'Suspension'), (23, 'Brakes'), (24, 'Differential'),
    (25, 'Overheating'), (26, 'Mechanical'), (27, 'Tyre'), (28, 'Driver Seat'), (29, 'Puncture'), (30, 'Driveshaft'),
    (31, 'Retired'), (32, 'Fuel pressure'), (33, 'Front wing'), (34, 'Water pressure'), (35, 'Refuelling'),
    (36, 'Wheel'), (37, 'Throttle'), (38, 'Steering'), (39, 'Technical'), (40, 'Electronics'), (41, 'Broken wing'),
    (42, 'Heat shield fire'), (43, 'Exhaust'), (44, 'Oil leak'), (45, '+11 Laps'), (46, 'Wheel rim'),
    (47, 'Water leak'), (48, 'Fuel pump'), (49, 'Track rod'), (50, '+17 Laps'), (51, 'Oil pressure'),
    (53, '+13 Laps'), (54, 'Withdrew'), (55, '+12 Laps'), (56, 'Engine fire'), (58, '+26 Laps'),
    (59, 'Tyre puncture'), (60, 'Out of fuel'), (61, 'Wheel nut'), (62, 'Not classified'), (63, 'Pneumatics'),
    (64, 'Handling'), (65, 'Rear wing'), (66, 'Fire'), (67, 'Wheel bearing'), (68, 'Physical'), (69, 'Fuel system'),
    (70, 'Oil line'), (71, 'Fuel rig'), (72, 'Launch control'), (73, 'Injured'), (74, 'Fuel'), (75, 'Power loss'),
    (76, 'Vibrations'), (77, '107% Rule'), (78, 'Safety'), (79, 'Drivetrain'), (80, 'Ignition'),
    (81, 'Did not qualify'), (82, 'Injury'), (83, 'Chassis'), (84, 'Battery'), (85, 'Stalled'), (86, 'Halfshaft'),
    (87, 'Crankshaft'), (88, '+10 Laps'), (89, 'Safety concerns'), (90, 'Not restarted'), (91, 'Alternator'),
    (92, 'Underweight'), (93, 'Safety belt'), (94, 'Oil pump'), (95, 'Fuel leak'), (96, 'Excluded'),
    (97, 'Did not prequalify'), (98, 'Injection'), (99, 'Distributor'), (100, 'Driver unwell'), (101, 'Turbo'),
    (102, 'CV joint'), (103, 'Water pump'), (104, 'Fatal accident'), (105, 'Spark plugs'), (106, 'Fuel pipe'),
    (107, 'Eye injury'), (108, 'Oil pipe'), (109, 'Axle'), (110, 'Water pipe'), (111, '+14 Laps'), (112, '+15 Laps'),
    (113, '+25 Laps'), (114, '+18 Laps'), (115, '+22 Laps'), (116, '+16 Laps'), (117, '+24 Laps'), (118, '+29 Laps'),
    (119, '+23 Laps'), (120, '+21 Laps'), (121, 'Magneto'), (122, '+44 Laps'), (123, '+30 Laps'), (124, '+19 Laps'),
    (125, '+46 Laps'), (126, 'Supercharger'), (127, '+20 Laps'), (128, '+42 Laps'), (129, 'Engine misfire'),
    (130, 'Collision damage'), (131, 'Power Unit'), (132, 'ERS'), (133, '+49 Laps'), (134, '+38 Laps'),
    (135, 'Brake duct'), (136, 'Seat'), (137, 'Damage'), (138, 'Debris'), (139, 'Illness'), (140, 'Undertray'),
    (141, 'Cooling system'), (142, 'Did not start'), (143, 'Lapped');

-- Names in the order of a dictionary, whatever the collation of the database: by letters and digits alone.
CREATE FUNCTION ergast_order(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT regexp_replace(normalize(plain_text(words), NFKD), '[^a-z0-9]+', '', 'g') COLLATE "C"
$$;

-- Degrees with seven significant digits.
CREATE FUNCTION ergast_degrees(degrees numeric) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT trim_scale(round(degrees, 7 - length(trunc(abs(degrees))::text)))
$$;

-- A race of the calendar under the names of its members.
CREATE VIEW ergast_race AS
    SELECT r.id AS race_id, r.season, r.round, r.url, r.name AS "raceName",
           c.id AS "Circuit.circuitId", c.url AS "Circuit.url", c.name AS "Circuit.circuitName",
           ergast_degrees(c.latitude) AS "Circuit.Location.lat", ergast_degrees(c.longitude) AS "Circuit.Location.long",
           c.locality AS "Circuit.Location.locality", c.country AS "Circuit.Location.country",
           r.date, to_char(s.starts_at AT TIME ZONE 'UTC', 'HH24:MI:SS"Z"') AS time
    FROM race r
    JOIN circuit c ON c.id = r.circuit_id
    LEFT JOIN session s ON s.race_id = r.id AND s.kind = 'race'
    WHERE r.round IS NOT NULL AND r.status <> 'cancelled';

-- The other sessions of a weekend under the names of their members; the sprint's qualifying was first called a
-- shootout.
CREATE VIEW ergast_session AS
    SELECT race_id, date, to_char(starts_at AT TIME ZONE 'UTC', 'HH24:MI:SS"Z"') AS time,
           CASE kind WHEN 'practice_1' THEN 'FirstPractice' WHEN 'practice_2' THEN 'SecondPractice'
                     WHEN 'practice_3' THEN 'ThirdPractice' WHEN 'qualifying' THEN 'Qualifying'
                     WHEN 'sprint' THEN 'Sprint'
                     WHEN 'sprint_qualifying' THEN CASE WHEN season < 2024 THEN 'SprintShootout'
                                                        ELSE 'SprintQualifying' END
           END AS member
    FROM session
    WHERE is_planned;

-- Who was in a race weekend, once for each line in a classification that stands. place: as classified. Each branch has
-- all its joins inside, so that what is asked of season, round and circuit reaches its indexes.
CREATE VIEW ergast_line AS
    SELECT s.kind, w.season, w.round, w.id AS race_id, w.circuit_id, e.driver_id, e.constructor_id, r.session_id,
           r.revision, r.line, r.grid, CASE WHEN r.position_text ~ '^[0-9]+$' THEN r.position END AS place,
           r.fastest_rank, r.status
    FROM race w
    JOIN entry e ON e.race_id = w.id AND e.season = w.season
    JOIN result r ON r.entry_id = e.id AND r.season = w.season AND r.current
    JOIN session s ON s.id = r.session_id
    WHERE w.round IS NOT NULL
    UNION ALL
    SELECT 'qualifying', w.season, w.round, w.id, w.circuit_id, e.driver_id, e.constructor_id, q.session_id,
           q.revision, q.line, NULL, NULL, NULL, NULL
    FROM race w
    JOIN entry e ON e.race_id = w.id AND e.season = w.season
    JOIN qualifying_result q ON q.entry_id = e.id AND q.season = w.season AND q.current
    WHERE w.round IS NOT NULL;

-- The lines that meet criteria; NULL is no criterion, nor is a rank of 0. Grid, place, rank and status are those of the
-- race where no kind of session is named. The season stands there twice: once for plans that know its value, once for
-- those that do not.
CREATE FUNCTION ergast_find(of_kind text, of_season integer, of_round integer, of_circuit text, of_constructor text,
                            of_driver text, of_grid integer, of_place integer, of_rank integer, of_status integer)
RETURNS SETOF ergast_line LANGUAGE sql STABLE AS $$
    SELECT l.* FROM ergast_line l
    WHERE (l.season = $2 OR $2 IS NULL) AND l.season BETWEEN coalesce($2, 1950) AND coalesce($2, 2199)
      AND (l.round = $3 OR $3 IS NULL) AND (l.circuit_id = $4 OR $4 IS NULL)
      AND (l.constructor_id = $5 OR $5 IS NULL) AND (l.driver_id = $6 OR $6 IS NULL)
      AND (l.grid = $7 OR $7 IS NULL) AND (l.place = $8 OR $8 IS NULL)
      AND (l.fastest_rank = $9 OR coalesce($9, 0) = 0)
      AND (l.status = (SELECT t.name FROM ergast_status t WHERE t.id = $10) OR $10 IS NULL)
      AND (l.kind = coalesce($1, 'race') OR ($1 IS NULL AND num_nonnulls($7, $8, nullif($9, 0), $10) = 0))
$$;
