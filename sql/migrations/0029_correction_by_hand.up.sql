-- Corrections that people make. What upstream says of the same session does not replace them: it is kept beside them
-- until it is the same, or somebody accepts it.

ALTER TABLE revision ADD COLUMN is_upstream boolean NOT NULL DEFAULT true;  -- false: only people say so

-- Sessions whose newest revision is not what upstream says.
CREATE TABLE correction_hold (
    session_id  integer PRIMARY KEY REFERENCES session ON DELETE CASCADE,
    base        integer NOT NULL,                           -- the last revision that upstream said
    digest      text NOT NULL,                              -- of what it says now
    lines       jsonb,                                      -- that, when it is not the base any more
    source      text,
    known_at    timestamptz,                                -- since when it says so
    CHECK ((lines IS NULL) = (source IS NULL) AND (lines IS NULL) = (known_at IS NULL))
);
SELECT generation_follow('{correction_hold}', 'results');

-- --- Classifications

-- A line of any classification, as it comes in.
CREATE TYPE classification_line AS (
    session_id integer, revision integer, line integer, driver_id text, constructor_id text, number integer,
    position integer, position_text text, points numeric, grid integer, laps integer, status text, time_ms bigint,
    time_text text, fastest_rank integer, fastest_lap integer, fastest_ms integer, fastest_text text,
    fastest_speed numeric, fastest_unit text, q1_ms integer, q2_ms integer, q3_ms integer, q1_text text, q2_text text,
    q3_text text);

-- Lines as classification_rows gives them, whatever their values were written as.
CREATE FUNCTION classification_typed(lines jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(i) - '{session_id,revision,line,ordinality}'::text[])
                              ORDER BY i.ordinality), '[]')
    FROM jsonb_populate_recordset(NULL::classification_line, $1) WITH ORDINALITY AS i
$$;

-- New revisions of sessions of one season: [{session_id, revision, digest, row_count}] and the lines of all of them.
-- What they change is written to them and told to those who want to know of events. Counts lines of those that had a
-- revision before.
CREATE FUNCTION classification_put(of_season integer, revisions jsonb, lines jsonb, at timestamptz, by_source text,
                                   by_run integer, with_note text, is_said_by_upstream boolean,
                                   OUT inserted bigint, OUT changed bigint, OUT removed bigint)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO entry (season, race_id, driver_id, constructor_id, number)
    SELECT DISTINCT s.season, s.race_id, i.driver_id, i.constructor_id, i.number
    FROM jsonb_populate_recordset(NULL::classification_line, lines) AS i
    JOIN session s ON s.id = i.session_id AND s.season = of_season
    WHERE NOT EXISTS (SELECT FROM entry e WHERE e.race_id = s.race_id AND e.driver_id = i.driver_id
                      AND e.constructor_id = i.constructor_id AND e.number IS NOT DISTINCT FROM i.number);

    INSERT INTO revision (session_id, season, number, known_at, source, run_id, digest, row_count, note, is_upstream)
    SELECT i.session_id, of_season, i.revision, at, by_source, by_run, i.digest, i.row_count, with_note,
           is_said_by_upstream
    FROM jsonb_to_recordset(revisions) AS i (session_id integer, revision integer, digest text, row_count integer);

    INSERT INTO result (season, session_id, revision, line, entry_id, position, position_text, points, grid, laps,
                        status, time_ms, time_text, fastest_rank, fastest_lap, fastest_ms, fastest_text, fastest_speed,
                        fastest_unit)
    SELECT s.season, i.session_id, i.revision, i.line, e.id, i.position, i.position_text, i.points, i.grid, i.laps,
           i.status, i.time_ms, i.time_text, i.fastest_rank, i.fastest_lap, i.fastest_ms, i.fastest_text,
           i.fastest_speed, i.fastest_unit
    FROM jsonb_populate_recordset(NULL::classification_line, lines) AS i
    JOIN session s ON s.id = i.session_id AND s.season = of_season AND s.kind IN ('race', 'sprint')
    JOIN entry e ON e.race_id = s.race_id AND e.driver_id = i.driver_id AND e.constructor_id = i.constructor_id
                AND e.number IS NOT DISTINCT FROM i.number;

    INSERT INTO qualifying_result (season, session_id, revision, line, entry_id, position, q1_ms, q2_ms, q3_ms, q1_text,
                                   q2_text, q3_text)
    SELECT s.season, i.session_id, i.revision, i.line, e.id, i.position, i.q1_ms, i.q2_ms, i.q3_ms, i.q1_text,
           i.q2_text, i.q3_text
    FROM jsonb_populate_recordset(NULL::classification_line, lines) AS i
    JOIN session s ON s.id = i.session_id AND s.season = of_season AND s.kind NOT IN ('race', 'sprint')
    JOIN entry e ON e.race_id = s.race_id AND e.driver_id = i.driver_id AND e.constructor_id = i.constructor_id
                AND e.number IS NOT DISTINCT FROM i.number;

    UPDATE result r SET current = false
    FROM jsonb_to_recordset(revisions) AS i (session_id integer, revision integer)
    WHERE i.revision > 1 AND r.season = of_season AND r.session_id = i.session_id AND r.revision < i.revision
      AND r.current;
    UPDATE qualifying_result r SET current = false
    FROM jsonb_to_recordset(revisions) AS i (session_id integer, revision integer)
    WHERE i.revision > 1 AND r.season = of_season AND r.session_id = i.session_id AND r.revision < i.revision
      AND r.current;

    UPDATE revision v
    SET changes = classification_changes(classification_rows(v.session_id, v.number - 1),
                                         classification_rows(v.session_id, v.number))
    FROM jsonb_to_recordset(revisions) AS i (session_id integer, revision integer)
    WHERE v.session_id = i.session_id AND v.number = i.revision AND v.number > 1;

    INSERT INTO event (kind, race_id, session, revision, at, payload)
    SELECT CASE v.number WHEN 1 THEN 'results' ELSE 'correction' END, s.race_id, s.kind, v.number, v.known_at,
           jsonb_strip_nulls(jsonb_build_object('source', v.source, 'note', v.note))
           || CASE v.number WHEN 1 THEN '{}' ELSE jsonb_build_object('diff', correction_diff(v.changes)) END
    FROM jsonb_to_recordset(revisions) AS i (session_id integer, revision integer)
    JOIN revision v ON v.session_id = i.session_id AND v.number = i.revision
    JOIN session s ON s.id = v.session_id
    WHERE v.number = 1 OR v.changes <> '[]'
    ORDER BY s.date, s.starts_at, s.id
    ON CONFLICT DO NOTHING;

    SELECT count(*) FILTER (WHERE c.item ->> 'change' = 'added'),
           count(DISTINCT (v.session_id, c.item -> 'driver_id')) FILTER (WHERE c.item ->> 'change' = 'changed'),
           count(*) FILTER (WHERE c.item ->> 'change' = 'removed')
    INTO inserted, changed, removed
    FROM jsonb_to_recordset(revisions) AS i (session_id integer, revision integer)
    JOIN revision v ON v.session_id = i.session_id AND v.number = i.revision AND v.number > 1,
         jsonb_array_elements(v.changes) AS c (item);
END $$;

-- What upstream says of a session whose classification was corrected by hand.
CREATE FUNCTION upstream_rows(of_session integer) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(classification_typed(h.lines), classification_rows(h.session_id, h.base))
    FROM correction_hold h WHERE h.session_id = $1
$$;

-- Whether upstream says something else of a session than its newest revision; when it does not, that is upstream's too.
CREATE FUNCTION correction_settle(of_session integer) RETURNS boolean
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    newest revision;
BEGIN
    SELECT * INTO newest FROM revision WHERE session_id = of_session ORDER BY number DESC LIMIT 1;
    IF NOT newest.is_upstream THEN
        INSERT INTO correction_hold (session_id, base, digest)
        SELECT session_id, number, digest FROM revision WHERE session_id = of_session AND is_upstream
        ORDER BY number DESC LIMIT 1
        ON CONFLICT DO NOTHING;
        IF classification_changes(classification_rows(of_session, newest.number),
                                  upstream_rows(of_session)) <> '[]' THEN
            RETURN true;
        END IF;
        UPDATE revision v SET is_upstream = true, digest = h.digest FROM correction_hold h
        WHERE h.session_id = of_session AND v.session_id = of_session AND v.number = newest.number;
    END IF;
    DELETE FROM correction_hold WHERE session_id = of_session;
    RETURN false;
END $$;

-- --- Standings: what upstream states, and what corrections by hand add to it

ALTER TABLE driver_standing ADD COLUMN stated jsonb;        -- NULL: the row is as upstream states it
ALTER TABLE constructor_standing ADD COLUMN stated jsonb;
ALTER TABLE driver_standing_past DROP COLUMN known_until, ADD COLUMN stated jsonb,
    ADD COLUMN known_until timestamptz NOT NULL, ADD PRIMARY KEY (race_id, driver_id, known_until);
ALTER TABLE constructor_standing_past DROP COLUMN known_until, ADD COLUMN stated jsonb,
    ADD COLUMN known_until timestamptz NOT NULL, ADD PRIMARY KEY (race_id, constructor_id, known_until);

-- Points and wins that somebody has in a round, and that upstream does not say he has. Before 1991 only the best
-- results of a season counted, and nothing can be added.
CREATE FUNCTION points_by_hand(of_season integer)
RETURNS TABLE (round integer, driver_id text, constructor_id text, points numeric, wins bigint)
LANGUAGE sql STABLE AS $$
    SELECT r.round, x.line ->> 'driver_id', x.line ->> 'constructor_id', sum(x.sign * (x.line ->> 'points')::numeric),
           sum(x.sign) FILTER (WHERE s.kind = 'race' AND x.line ->> 'position_text' = '1')
    FROM correction_hold h
    JOIN session s ON s.id = h.session_id
    JOIN race r ON r.id = s.race_id
    CROSS JOIN LATERAL (
        SELECT 1 AS sign, o.line FROM jsonb_array_elements(classification_rows(s.id, (
            SELECT max(v.number) FROM revision v WHERE v.session_id = s.id))) AS o (line)
        UNION ALL SELECT -1, u.line FROM jsonb_array_elements(upstream_rows(s.id)) AS u (line)) x
    WHERE s.season = $1 AND s.season >= 1991 AND s.kind IN ('race', 'sprint') AND r.round IS NOT NULL
    GROUP BY r.round, x.line ->> 'driver_id', x.line ->> 'constructor_id'
$$;

-- Makes a season's standings what upstream states with that added, and where nothing is to be added what upstream
-- states. Lists that something is added to are placed by points, then by the best places in races (more firsts, more
-- seconds …), then as upstream has it; who upstream does not rank stays so, unless he has points now.
CREATE FUNCTION standings_adjust(of_season integer, at timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    entrant text;
BEGIN
    IF NOT EXISTS (SELECT FROM correction_hold h JOIN session s ON s.id = h.session_id WHERE s.season = of_season)
       AND NOT EXISTS (SELECT FROM driver_standing WHERE season = of_season AND stated IS NOT NULL)
       AND NOT EXISTS (SELECT FROM constructor_standing WHERE season = of_season AND stated IS NOT NULL) THEN
        RETURN;
    END IF;
    FOREACH entrant IN ARRAY ARRAY['driver', 'constructor'] LOOP
        EXECUTE format($sql$
            WITH more AS MATERIALIZED (
                SELECT %1$s_id AS id, round, sum(points) AS points, coalesce(sum(wins), 0) AS wins
                FROM points_by_hand($1) GROUP BY 1, 2 HAVING sum(points) <> 0 OR sum(wins) <> 0),
            place AS MATERIALIZED (
                SELECT e.%1$s_id AS id, r.round, x.position
                FROM race r JOIN session s ON s.race_id = r.id AND s.kind = 'race'
                JOIN result x ON x.season = s.season AND x.session_id = s.id AND x.current
                JOIN entry e ON e.id = x.entry_id
                WHERE r.season = $1 AND x.position_text = x.position::text),
            sum AS (
                SELECT s.race_id, s.%1$s_id AS id, o.line, o.position, o.position_text, o.points, o.wins, o.source,
                       o.points + m.points AS new_points, (o.wins + m.wins)::integer AS new_wins,
                       bool_or(m.points <> 0 OR m.wins <> 0) OVER (PARTITION BY s.race_id) AS is_adjusted,
                       o.position IS NOT NULL OR (o.position_text = '-' AND o.points + m.points > 0) AS is_ranked,
                       array_append(ARRAY(SELECT p.position FROM place p WHERE p.id = s.%1$s_id AND p.round <= r.round
                                          ORDER BY p.position), 9999) AS places
                FROM %1$s_standing s
                JOIN race r ON r.id = s.race_id
                CROSS JOIN LATERAL jsonb_populate_record(s, s.stated) AS o
                CROSS JOIN LATERAL (SELECT coalesce(sum(n.points), 0) AS points, coalesce(sum(n.wins), 0) AS wins
                                    FROM more n WHERE n.id = s.%1$s_id AND n.round <= r.round) AS m
                WHERE s.season = $1),
            placed AS (
                SELECT u.*, row_number() OVER (PARTITION BY u.race_id
                                               ORDER BY u.is_ranked DESC, u.new_points DESC, u.places, u.line)::integer
                            AS new_line
                FROM sum u),
            wanted AS (
                SELECT race_id, id, new_line AS line, CASE WHEN is_ranked THEN new_line END AS position,
                       CASE WHEN is_ranked THEN new_line::text ELSE position_text END AS position_text,
                       new_points AS points, new_wins AS wins, 'adjusted' AS source,
                       jsonb_build_object('line', line, 'position', position, 'position_text', position_text,
                                          'points', points, 'wins', wins, 'source', source) AS stated
                FROM placed WHERE is_adjusted
                UNION ALL
                SELECT race_id, id, line, position, position_text, points, wins, source, NULL
                FROM placed WHERE NOT is_adjusted)
            UPDATE %1$s_standing s
            SET line = w.line, position = w.position, position_text = w.position_text, points = w.points, wins = w.wins,
                source = w.source, stated = w.stated, known_at = $2
            FROM wanted w
            WHERE s.race_id = w.race_id AND s.%1$s_id = w.id
              AND (s.line, s.position, s.position_text, s.points, s.wins, s.source, s.stated)
                  IS DISTINCT FROM (w.line, w.position, w.position_text, w.points, w.wins, w.source, w.stated)
        $sql$, entrant) USING of_season, at;
    END LOOP;
END $$;

-- --- The log

-- How a correction stands to upstream: upstream says so (too); it was made by hand, and upstream still says what it
-- said before (held) or something new (conflict); or it was made by hand, and another came after it.
DROP VIEW correction;
CREATE VIEW correction AS
    SELECT v.id, v.known_at, r.id AS "race.id", r.season AS "race.season", r.round AS "race.round",
           r.name AS "race.name", s.kind AS session, v.number AS revision, v.source, v.note,
           CASE WHEN v.is_upstream THEN 'upstream'
                WHEN EXISTS (SELECT FROM revision n WHERE n.session_id = v.session_id AND n.number > v.number)
                    THEN 'superseded'
                WHEN EXISTS (SELECT FROM correction_hold h WHERE h.session_id = v.session_id AND h.lines IS NOT NULL)
                    THEN 'conflict'
                ELSE 'held' END AS state,
           (SELECT jsonb_agg(class ORDER BY class)
            FROM jsonb_object_keys(correction_diff(v.changes)) AS class) AS classes,
           correction_diff(v.changes) AS diff
    FROM revision v
    JOIN session s ON s.id = v.session_id
    JOIN race r ON r.id = s.race_id
    WHERE v.number > 1 AND v.changes <> '[]';

-- What upstream says of sessions that were corrected by hand.
CREATE VIEW correction_conflict AS
    SELECT c.id, c."race.id", c."race.season", c."race.round", c."race.name", c.session, c.revision,
           c.known_at AS corrected_at, c.note, c.state, coalesce(h.source, b.source) AS "upstream.source",
           coalesce(h.known_at, b.known_at) AS "upstream.known_at",
           correction_diff(classification_changes(classification_rows(s.id, c.revision), upstream_rows(s.id))) AS diff
    FROM correction_hold h
    JOIN session s ON s.id = h.session_id
    JOIN revision b ON b.session_id = h.session_id AND b.number = h.base
    JOIN correction c ON c."race.id" = s.race_id AND c.session = s.kind AND c.state IN ('held', 'conflict');

-- --- By hand

-- What may be said of a line, and how.
CREATE FUNCTION correction_member(of_session text)
RETURNS TABLE (name text, is_nullable boolean, pattern text, wanted text) LANGUAGE sql IMMUTABLE AS $$
    SELECT v.name, v.is_nullable, v.pattern, v.wanted
    FROM (VALUES
        (NULL, 'driver_id', false, '^[a-z0-9][a-z0-9_-]{0,79}$', 'the id of a driver'),
        (NULL, 'constructor_id', false, '^[a-z0-9][a-z0-9_-]{0,79}$', 'the id of a constructor'),
        (NULL, 'line', false, '^[1-9][0-9]{0,2}$', 'the number of a line, from 1'),
        (NULL, 'add', false, '^(true|false)$', 'true or false'),
        (NULL, 'remove', false, '^(true|false)$', 'true or false'),
        (NULL, 'number', true, '^[0-9]{1,3}$', 'an integer from 0 to 999'),
        (NULL, 'position', true, '^[1-9][0-9]{0,2}$', 'an integer from 1 to 999'),
        ('race', 'position_text', false, '^([1-9][0-9]{0,2}|[RDEWFN])$', 'a place, or R, D, E, W, F or N'),
        ('race', 'points', false, '^[0-9]{1,4}(\.[0-9]{1,4})?$', 'a number like 18 or 0.5'),
        ('race', 'grid', true, '^[0-9]{1,2}$', 'an integer from 0 to 99'),
        ('race', 'laps', true, '^[0-9]{1,3}$', 'an integer from 0 to 999'),
        ('race', 'status', false, '^[^[:cntrl:]]{1,60}$', '1 to 60 characters'),
        ('race', 'time_ms', true, '^[1-9][0-9]{0,8}$', 'milliseconds'),
        ('race', 'time_text', true, '^[0-9:.+]{1,20}$', 'a time like 1:31:44.742 or +0.725'),
        ('race', 'fastest_rank', true, '^[0-9]{1,2}$', 'an integer from 0 to 99'),
        ('race', 'fastest_lap', true, '^[1-9][0-9]{0,2}$', 'an integer from 1 to 999'),
        ('race', 'fastest_ms', true, '^[1-9][0-9]{0,7}$', 'milliseconds'),
        ('race', 'fastest_text', true, '^[0-9:.]{1,12}$', 'a time like 1:32.608'),
        ('qualifying', 'q1_ms', true, '^[1-9][0-9]{0,7}$', 'milliseconds'),
        ('qualifying', 'q2_ms', true, '^[1-9][0-9]{0,7}$', 'milliseconds'),
        ('qualifying', 'q3_ms', true, '^[1-9][0-9]{0,7}$', 'milliseconds'),
        ('qualifying', 'q1_text', true, '^[0-9:.]{0,12}$', 'a time like 1:32.608'),
        ('qualifying', 'q2_text', true, '^[0-9:.]{0,12}$', 'a time like 1:32.608'),
        ('qualifying', 'q3_text', true, '^[0-9:.]{0,12}$', 'a time like 1:32.608')
    ) AS v (kind, name, is_nullable, pattern, wanted)
    WHERE v.kind IS NULL OR v.kind = CASE WHEN $1 IN ('race', 'sprint') THEN 'race' ELSE 'qualifying' END
$$;

-- Refuses with words for whoever asked: SQLSTATE F1 and an HTTP status. place is a JSON pointer into the request.
CREATE FUNCTION refuse(status integer, words text, place text DEFAULT '') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'F1' || status, MESSAGE = words, COLUMN = place;
END $$;

-- Refuses a change that says what cannot be.
CREATE FUNCTION correction_check(of_session text, change jsonb, place text) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    member  record;
BEGIN
    IF jsonb_typeof(change) <> 'object' THEN
        PERFORM refuse(400, 'must be an object', place);
    END IF;
    FOR member IN SELECT g.name, g.value #>> '{}' AS value, jsonb_typeof(g.value) AS type, m.is_nullable, m.pattern,
                         m.wanted
                  FROM jsonb_each(change) AS g (name, value) LEFT JOIN correction_member(of_session) m USING (name)
                  ORDER BY g.name LOOP
        IF member.pattern IS NULL THEN
            PERFORM refuse(400, 'is not known here; known are ' || (
                SELECT string_agg(name, ', ') FROM correction_member(of_session)),
                           place || '/' || left(member.name, 40));
        END IF;
        IF (member.type = 'null' AND NOT member.is_nullable) OR member.type IN ('object', 'array')
           OR member.value !~ member.pattern THEN
            PERFORM refuse(400, 'must be ' || member.wanted || CASE WHEN member.is_nullable THEN ' or null' ELSE '' END,
                           place || '/' || member.name);
        END IF;
    END LOOP;
    IF NOT change ? 'driver_id' THEN
        PERFORM refuse(400, 'is required and must be the id of a driver', place || '/driver_id');
    END IF;
    IF change ? 'constructor_id' AND NOT EXISTS (SELECT FROM constructor WHERE id = change ->> 'constructor_id') THEN
        PERFORM refuse(422, 'names no constructor', place || '/constructor_id');
    END IF;
END $$;

-- The line of a classification that a change is about, counted from 0; NULL: it adds one.
CREATE FUNCTION correction_line(lines jsonb, change jsonb, place text) RETURNS integer
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    found integer[];
BEGIN
    SELECT coalesce(array_agg(l.nth::integer - 1 ORDER BY l.nth), '{}') INTO found
    FROM jsonb_array_elements(lines) WITH ORDINALITY AS l (line, nth)
    WHERE l.line ->> 'driver_id' = change ->> 'driver_id'
      AND (l.nth = (change ->> 'line')::integer OR NOT change ? 'line');
    IF (change ->> 'add')::boolean THEN
        IF NOT EXISTS (SELECT FROM driver WHERE id = change ->> 'driver_id') THEN
            PERFORM refuse(422, 'names no driver', place || '/driver_id');
        END IF;
        IF NOT change ? 'constructor_id' THEN
            PERFORM refuse(400, 'is required where a line is added', place || '/constructor_id');
        END IF;
        RETURN NULL;
    END IF;
    IF cardinality(found) = 0 THEN
        PERFORM refuse(422, 'does not stand in this classification; "add": true puts a driver there',
                       place || '/driver_id');
    END IF;
    IF cardinality(found) > 1 THEN
        PERFORM refuse(422, 'stands there more than once; "line" says which is meant', place || '/driver_id');
    END IF;
    RETURN found[1];
END $$;

-- A classification with changes made, in the order of places.
CREATE FUNCTION correction_patch(of_session text, lines jsonb, changes jsonb) RETURNS jsonb
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    change  jsonb;
    line    jsonb;
    at      integer;
    place   text;
    former  jsonb := lines;
BEGIN
    FOR i IN 0 .. jsonb_array_length(changes) - 1 LOOP
        change := changes -> i;
        place := '/changes/' || i;
        PERFORM correction_check(of_session, change, place);
        at := correction_line(former, change, place);
        line := CASE WHEN at IS NOT NULL THEN lines -> at
                     WHEN of_session IN ('race', 'sprint')
                         THEN '{"points": 0, "status": "Finished", "position_text": "N"}'
                     ELSE '{}' END;
        IF jsonb_typeof(change -> 'position') IN ('number', 'string') AND NOT change ? 'position_text'
           AND (at IS NULL OR line ->> 'position_text' ~ '^[0-9]') THEN
            change := change || jsonb_build_object('position_text', change ->> 'position');
        END IF;
        line := CASE WHEN (change ->> 'remove')::boolean THEN 'null'
                     ELSE classification_typed(jsonb_build_array(
                         line || (change - '{add,remove,line}'::text[]))) -> 0 END;
        IF of_session NOT IN ('race', 'sprint') AND line <> 'null' THEN
            line := line - 'position_text';
        END IF;
        lines := CASE WHEN at IS NULL THEN lines || jsonb_build_array(line)
                      ELSE jsonb_set(lines, ARRAY[at::text], line) END;
    END LOOP;
    RETURN (SELECT coalesce(jsonb_agg(l.line ORDER BY (l.line ->> 'position')::integer NULLS LAST, l.nth), '[]')
            FROM jsonb_array_elements(lines) WITH ORDINALITY AS l (line, nth) WHERE l.line <> 'null');
END $$;

-- Lines become a session's classification, because somebody says so; standings and all else follows. action is what the
-- audit log calls it. From source and digest on: what upstream said, or NULL.
CREATE FUNCTION correction_put(of_session integer, lines jsonb, note text, at timestamptz, actor uuid, via text,
                               action text, upstream_source text, upstream_digest text) RETURNS SETOF correction
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    s       session;
    next    integer;
BEGIN
    SELECT * INTO s FROM session WHERE id = of_session;
    SELECT max(v.number) + 1 INTO next FROM revision v WHERE v.session_id = of_session;
    IF lines = '[]' THEN
        PERFORM refuse(422, 'A classification cannot lose its last line');
    END IF;
    IF classification_changes(classification_rows(of_session, next - 1), lines) = '[]' THEN
        PERFORM refuse(409, 'The classification is like this already');
    END IF;
    PERFORM classification_put(
        s.season, jsonb_build_array(jsonb_build_object(
            'session_id', of_session, 'revision', next, 'row_count', jsonb_array_length(lines),
            'digest', coalesce(upstream_digest, 'by hand ' || encode(sha256(convert_to(lines::text, 'UTF8')), 'hex')))),
        (SELECT jsonb_agg(l.line || jsonb_build_object('session_id', of_session, 'revision', next, 'line', l.nth))
         FROM jsonb_array_elements(lines) WITH ORDINALITY AS l (line, nth)),
        at, coalesce(upstream_source, 'admin'), NULL, note, upstream_digest IS NOT NULL);
    PERFORM correction_settle(of_session);
    PERFORM standings_adjust(s.season, at);
    INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
    VALUES (at, actor, via, action, s.race_id,
            jsonb_strip_nulls(jsonb_build_object('session', s.kind, 'revision', next, 'note', note)));
    INSERT INTO job (kind, priority, unique_key, run_at) VALUES ('rankings', 40, 'schedule rankings', at)
    ON CONFLICT (unique_key) WHERE state IN ('PENDING', 'STARTED', 'RETRY') DO NOTHING;
    RETURN QUERY SELECT c.* FROM correction c
        WHERE c."race.id" = s.race_id AND c.session = s.kind AND c.revision = next;
END $$;

-- The same; a dry run takes all of it back, and says what it would have been.
CREATE FUNCTION correction_try(is_dry_run boolean, of_session integer, lines jsonb, note text, at timestamptz,
                               actor uuid, via text, action text, upstream_source text DEFAULT NULL,
                               upstream_digest text DEFAULT NULL) RETURNS SETOF correction
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    made correction;
BEGIN
    BEGIN
        SELECT * INTO made FROM correction_put(of_session, lines, note, at, actor, via, action, upstream_source,
                                               upstream_digest);
        IF is_dry_run THEN
            made.id := NULL;
            RAISE EXCEPTION USING ERRCODE = 'F1DRY';
        END IF;
    EXCEPTION WHEN SQLSTATE 'F1DRY' THEN
        NULL;
    END;
    RETURN NEXT made;
END $$;

CREATE FUNCTION correction_apply(of_race text, of_kind text, changes jsonb, note text, is_dry_run boolean,
                                 at timestamptz, actor uuid, via text) RETURNS SETOF correction
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    s       session;
    newest  integer;
BEGIN
    SELECT * INTO s FROM session WHERE race_id = of_race AND kind = of_kind;
    IF NOT FOUND THEN
        PERFORM refuse(404, CASE WHEN EXISTS (SELECT FROM race WHERE id = of_race) THEN 'The race has no such session'
                                 ELSE 'No such race' END);
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('f1board.ingest'), s.season);
    SELECT max(v.number) INTO newest FROM revision v WHERE v.session_id = s.id;
    IF newest IS NULL THEN
        PERFORM refuse(409, 'There is no classification of this session yet');
    END IF;
    RETURN QUERY SELECT * FROM correction_try(
        is_dry_run, s.id, correction_patch(of_kind, classification_rows(s.id, newest), changes), note, at, actor, via,
        'correction.apply');
END $$;

-- A correction whose session has no later revision. Loading the season waits until this transaction ends.
CREATE FUNCTION correction_newest(correction_id integer) RETURNS revision
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    v revision;
BEGIN
    SELECT * INTO v FROM revision WHERE id = correction_id AND number > 1;
    IF NOT FOUND THEN
        PERFORM refuse(404, 'No such correction');
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('f1board.ingest'), v.season);
    IF EXISTS (SELECT FROM revision n WHERE n.session_id = v.session_id AND n.number > v.number) THEN
        PERFORM refuse(409, 'The session was corrected again since');
    END IF;
    RETURN v;
END $$;

-- Brings back the state before a correction, whoever made it.
CREATE FUNCTION correction_undo(correction_id integer, note text, is_dry_run boolean, at timestamptz, actor uuid,
                                via text)
RETURNS SETOF correction LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    v revision := correction_newest(correction_id);
BEGIN
    RETURN QUERY SELECT * FROM correction_try(is_dry_run, v.session_id, classification_rows(v.session_id, v.number - 1),
                                              note, at, actor, via, 'correction.undo');
END $$;

-- Gives a correction by hand up for what upstream says.
CREATE FUNCTION correction_accept(correction_id integer, note text, is_dry_run boolean, at timestamptz, actor uuid,
                                  via text) RETURNS SETOF correction
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    v revision := correction_newest(correction_id);
    h record;
BEGIN
    SELECT c.digest, coalesce(c.source, b.source) AS source INTO h
    FROM correction_hold c JOIN revision b ON b.session_id = c.session_id AND b.number = c.base
    WHERE c.session_id = v.session_id;
    IF NOT FOUND THEN
        PERFORM refuse(409, 'Upstream does not contradict this correction');
    END IF;
    RETURN QUERY SELECT * FROM correction_try(is_dry_run, v.session_id, upstream_rows(v.session_id), note, at, actor,
                                              via, 'correction.accept', h.source, h.digest);
END $$;

-- What people change stands in the audit log under their name.
DROP TRIGGER audit_revision ON revision;
CREATE TRIGGER audit_revision AFTER INSERT ON revision
    FOR EACH ROW WHEN (NEW.number > 1 AND NEW.source <> 'admin') EXECUTE FUNCTION audit_revision();
