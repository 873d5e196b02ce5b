-- Corrections as answers show them, and standings as they once were.
--
-- A correction is a revision after the first of its session that changed something. Standings have no revisions: of a
-- list only the rows that changed are kept, each with the time from which it was known and the time until then.

ALTER TABLE revision ADD COLUMN id integer GENERATED ALWAYS AS IDENTITY UNIQUE;
ALTER TABLE revision ADD COLUMN note text CHECK (length(note) BETWEEN 1 AND 500);

-- The lines of a revision in one value, without what is null, each with who it is about.
CREATE FUNCTION classification_rows(of_session integer, of_revision integer) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(x.fields ORDER BY x.line), '[]')
    FROM (SELECT c.line, jsonb_strip_nulls(to_jsonb(c) - '{season,session_id,revision,line,entry_id,current}'::text[])
                 || jsonb_strip_nulls(jsonb_build_object('driver_id', e.driver_id, 'constructor_id', e.constructor_id,
                                                         'number', e.number)) AS fields
          FROM session s JOIN result c ON c.season = s.season AND c.session_id = s.id JOIN entry e ON e.id = c.entry_id
          WHERE s.id = $1 AND c.revision = $2
          UNION ALL
          SELECT c.line, jsonb_strip_nulls(to_jsonb(c) - '{season,session_id,revision,line,entry_id,current}'::text[])
                 || jsonb_strip_nulls(jsonb_build_object('driver_id', e.driver_id, 'constructor_id', e.constructor_id,
                                                         'number', e.number))
          FROM session s JOIN qualifying_result c ON c.season = s.season AND c.session_id = s.id
          JOIN entry e ON e.id = c.entry_id
          WHERE s.id = $1 AND c.revision = $2) x
$$;

-- What differs between two of those: per driver and field old and new, who came and who went. A driver who stands there
-- twice is held against himself in the order of his lines.
CREATE FUNCTION classification_changes(former jsonb, latter jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    WITH line AS (
        SELECT t.is_new, x.fields - 'driver_id' AS fields, x.fields ->> 'driver_id' AS driver_id,
               row_number() OVER (PARTITION BY t.is_new, x.fields ->> 'driver_id' ORDER BY x.line) AS nth
        FROM (VALUES (false, $1), (true, $2)) AS t (is_new, list),
             jsonb_array_elements(t.list) WITH ORDINALITY AS x (fields, line)),
    pair AS (
        SELECT driver_id, nth, o.fields AS old, n.fields AS new
        FROM (SELECT * FROM line WHERE NOT is_new) o FULL JOIN (SELECT * FROM line WHERE is_new) n USING (driver_id, nth)
        WHERE o.fields IS DISTINCT FROM n.fields)
    SELECT coalesce(jsonb_agg(
               jsonb_build_object('driver_id', p.driver_id, 'change',
                                  CASE WHEN p.old IS NULL THEN 'added' WHEN p.new IS NULL THEN 'removed'
                                       ELSE 'changed' END)
               || CASE WHEN p.old IS NULL THEN jsonb_build_object('new', p.new)
                       WHEN p.new IS NULL THEN jsonb_build_object('old', p.old)
                       ELSE jsonb_build_object('field', k.field, 'old', p.old -> k.field, 'new', p.new -> k.field) END
               ORDER BY p.driver_id, p.nth, k.field), '[]')
    FROM pair p
    LEFT JOIN LATERAL (SELECT field FROM jsonb_object_keys(p.old || p.new) AS field
                       WHERE p.old -> field IS DISTINCT FROM p.new -> field) k ON true
$$;

CREATE VIEW correction AS
    SELECT v.id, v.known_at, r.id AS "race.id", r.season AS "race.season", r.round AS "race.round",
           r.name AS "race.name", s.kind AS session, v.number AS revision, v.source, v.note, v.changes
    FROM revision v
    JOIN session s ON s.id = v.session_id
    JOIN race r ON r.id = s.race_id
    WHERE v.number > 1 AND v.changes <> '[]';
CREATE INDEX revision_corrects ON revision (known_at DESC, id DESC) WHERE number > 1;

-- Standings. What was loaded before this migration is taken to have been so always.
ALTER TABLE driver_standing ADD COLUMN known_at timestamptz NOT NULL DEFAULT '-infinity';
ALTER TABLE constructor_standing ADD COLUMN known_at timestamptz NOT NULL DEFAULT '-infinity';

CREATE TABLE driver_standing_past (
    LIKE driver_standing INCLUDING DEFAULTS,
    known_until timestamptz NOT NULL,
    PRIMARY KEY (race_id, driver_id, known_until),
    FOREIGN KEY (race_id) REFERENCES race ON DELETE CASCADE
);
CREATE TABLE constructor_standing_past (
    LIKE constructor_standing INCLUDING DEFAULTS,
    known_until timestamptz NOT NULL,
    PRIMARY KEY (race_id, constructor_id, known_until),
    FOREIGN KEY (race_id) REFERENCES race ON DELETE CASCADE
);
SELECT generation_follow('{driver_standing_past,constructor_standing_past}', 'standings');

-- A row that another takes the place of is kept; one that only goes is kept by the statement that deletes it, which
-- knows when that is.
CREATE FUNCTION standing_keep() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    EXECUTE format('INSERT INTO %I SELECT ($1).*, $2', TG_TABLE_NAME || '_past') USING OLD, NEW.known_at;
    RETURN NULL;
END $$;
CREATE TRIGGER standing_keep AFTER UPDATE ON driver_standing
    FOR EACH ROW WHEN (OLD.known_at < NEW.known_at) EXECUTE FUNCTION standing_keep();
CREATE TRIGGER standing_keep AFTER UPDATE ON constructor_standing
    FOR EACH ROW WHEN (OLD.known_at < NEW.known_at) EXECUTE FUNCTION standing_keep();

-- A race's list as it stood at an instant (NULL: now). As with results, what was first known long after the race counts
-- from its start on; find_standing sees to it that the race had started.
CREATE FUNCTION driver_standing_at(of_race text, as_of timestamptz) RETURNS SETOF driver_standing_past
LANGUAGE sql STABLE AS $$
    SELECT k.* FROM (SELECT s.*, 'infinity'::timestamptz AS known_until FROM driver_standing s WHERE s.race_id = $1
                     UNION ALL SELECT p.* FROM driver_standing_past p WHERE p.race_id = $1 AND $2 IS NOT NULL) AS k
    WHERE k.known_until > coalesce($2, '-infinity')
      AND ($2 IS NULL OR k.known_at <= greatest($2, (
          SELECT least((SELECT min(s.known_at) FROM driver_standing s WHERE s.race_id = $1),
                       (SELECT min(p.known_at) FROM driver_standing_past p WHERE p.race_id = $1)))))
$$;
CREATE FUNCTION constructor_standing_at(of_race text, as_of timestamptz) RETURNS SETOF constructor_standing_past
LANGUAGE sql STABLE AS $$
    SELECT k.* FROM (SELECT s.*, 'infinity'::timestamptz AS known_until FROM constructor_standing s WHERE s.race_id = $1
                     UNION ALL SELECT p.* FROM constructor_standing_past p WHERE p.race_id = $1 AND $2 IS NOT NULL) AS k
    WHERE k.known_until > coalesce($2, '-infinity')
      AND ($2 IS NULL OR k.known_at <= greatest($2, (
          SELECT least((SELECT min(s.known_at) FROM constructor_standing s WHERE s.race_id = $1),
                       (SELECT min(p.known_at) FROM constructor_standing_past p WHERE p.race_id = $1)))))
$$;

-- The race whose standings are asked for: of a season after a round, of a season after its latest race, or (no season)
-- the latest by the clock. as_of: of those that had started then.
DROP FUNCTION find_standing(integer, integer, timestamptz);
CREATE FUNCTION find_standing(of_season integer, of_round integer, at timestamptz,
                              as_of timestamptz DEFAULT NULL)
RETURNS TABLE (race_id slug) LANGUAGE sql STABLE AS $$
    SELECT r.id FROM race r
    WHERE r.season BETWEEN coalesce($1, 1950) AND coalesce($1, 2199)
      AND (r.round = $2 OR $2 IS NULL) AND (r.date <= $3::date OR $1 IS NOT NULL)
      AND EXISTS (SELECT FROM driver_standing s WHERE s.race_id = r.id)
      AND ($4 IS NULL OR (r.date <= $4::date + 1 AND EXISTS (
          SELECT FROM session s WHERE s.race_id = r.id AND s.kind = 'race' AND coalesce(s.starts_at, s.date) <= $4)))
    ORDER BY r.season DESC, r.round DESC LIMIT 1
$$;
