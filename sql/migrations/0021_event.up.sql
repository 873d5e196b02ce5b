-- What happened to the sport's data that others have to hear of: results that came, corrections of them, and races that
-- moved. Who finds it out writes the event in the same transaction, so that there is neither without the other.
--
-- A consumer is a row of event_consumer (a migration inserts it), and gets every event from then on, once: event_due has
-- a row for each event it has yet to take. A column with the last id taken would not do, because ids are given before
-- they are committed, in another order.

CREATE TABLE event (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('results', 'correction', 'race_moved', 'race_renumbered',
                                              'race_cancelled', 'race_revived')),
    race_id     slug NOT NULL REFERENCES race ON DELETE CASCADE,
    session     text,                                       -- its kind, 'sprint'; NULL: the race weekend
    revision    integer,                                    -- of the session's classification
    at          timestamptz NOT NULL,                       -- by the clock that the service shows
    payload     jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(payload) = 'object'),
    CHECK ((kind IN ('results', 'correction')) = (revision IS NOT NULL AND session IS NOT NULL)),
    UNIQUE (race_id, session, revision)
);

CREATE TABLE event_consumer (
    name        text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_]{0,39}$')
);

CREATE TABLE event_due (
    consumer    text NOT NULL REFERENCES event_consumer ON DELETE CASCADE,
    event_id    bigint NOT NULL REFERENCES event ON DELETE CASCADE,
    PRIMARY KEY (consumer, event_id)
);
CREATE INDEX event_due_event ON event_due (event_id);

CREATE FUNCTION event_deliver() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO event_due (consumer, event_id) SELECT c.name, e.id FROM added e CROSS JOIN event_consumer c;
    RETURN NULL;
END $$;
CREATE TRIGGER event_deliver AFTER INSERT ON event REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION event_deliver();

-- The oldest events that a consumer has not taken, and has taken when the transaction commits: what is made of them
-- belongs in the same one. Who calls it at the same time gets others.
CREATE FUNCTION event_take(by_consumer text, most integer) RETURNS SETOF event
LANGUAGE sql SET search_path FROM CURRENT AS $$
    WITH taken AS (
        DELETE FROM event_due d
        WHERE d.consumer = by_consumer AND d.event_id = ANY (ARRAY(
            SELECT n.event_id FROM event_due n WHERE n.consumer = by_consumer ORDER BY n.event_id
            LIMIT most FOR UPDATE SKIP LOCKED))
        RETURNING d.event_id)
    SELECT e.* FROM event e JOIN taken t ON t.event_id = e.id ORDER BY e.id;
$$;

-- What sort of change an item of revision.changes is.
CREATE FUNCTION change_class(item jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN item ->> 'change' <> 'changed' THEN item ->> 'change'
        WHEN item ->> 'field' = 'position' THEN 'position_changes'
        WHEN item ->> 'field' = 'points' THEN 'point_changes'
        WHEN item ->> 'field' = 'grid' THEN 'grid_changes'
        WHEN item ->> 'field' IN ('number', 'constructor_id') THEN 'entry_changes'
        WHEN item ->> 'field' = 'status' THEN 'status_changes'
        WHEN item ->> 'field' <> 'position_text' THEN 'time_changes'
        WHEN outcome(item ->> 'old') = outcome(item ->> 'new') THEN NULL      -- the place, told by 'position'
        WHEN outcome(item ->> 'old') = 'finished' THEN 'new_dnf'
        WHEN outcome(item ->> 'new') = 'finished' THEN 'resolved_dnf'
        ELSE 'status_changes'
    END
$$;

-- revision.changes by class, for people: {"position_changes": [{"driver": …, "field": …, "old": …, "new": …}], …}. Those
-- who are no longer classified, or are again, have words for old and new; rows that came or went what was known of them.
CREATE FUNCTION correction_diff(changes jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_object_agg(c.class, c.items), '{}')
    FROM (SELECT k.class, jsonb_agg(jsonb_build_object('driver', jsonb_build_object('id', d.id, 'code', d.code,
                                                                                    'name', d.name))
                                    || CASE WHEN i.item ->> 'field' = 'position_text'
                                            THEN jsonb_build_object('field', 'outcome',
                                                                    'old', outcome(i.item ->> 'old'),
                                                                    'new', outcome(i.item ->> 'new'))
                                            ELSE i.item - '{driver_id,change}'::text[] END
                                    ORDER BY i.nth) AS items
          FROM jsonb_array_elements(correction_diff.changes) WITH ORDINALITY AS i (item, nth)
          CROSS JOIN LATERAL change_class(i.item) AS k (class)
          JOIN driver d ON d.id = i.item ->> 'driver_id'
          WHERE k.class IS NOT NULL GROUP BY k.class) c
$$;

-- A season's calendar in one value, to see afterwards what a load changed.
CREATE FUNCTION calendar_state(of_season integer) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_object_agg(r.id, jsonb_build_object(
        'round', r.round, 'is_cancelled', r.status = 'cancelled', 'date', r.date, 'circuit_id', r.circuit_id,
        'sessions', (SELECT coalesce(jsonb_object_agg(s.kind, jsonb_build_object('date', s.date,
                                                                               'starts_at', utc_text(s.starts_at))), '{}')
                     FROM session s WHERE s.race_id = r.id))), '{}')
    FROM race r WHERE r.season = $1
$$;

-- What of a race moved between two states of its calendar; '{}': nothing. A time that was not known before is no move.
CREATE FUNCTION calendar_moves(former jsonb, latter jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'date', CASE WHEN former -> 'date' <> latter -> 'date'
                     THEN jsonb_build_object('old', former -> 'date', 'new', latter -> 'date') END,
        'circuit_id', CASE WHEN former -> 'circuit_id' <> latter -> 'circuit_id'
                           THEN jsonb_build_object('old', former -> 'circuit_id', 'new', latter -> 'circuit_id') END,
        'sessions', (SELECT jsonb_agg(jsonb_build_object('session', kind, 'old', o.session, 'new', n.session)
                                      ORDER BY n.session ->> 'date', n.session ->> 'starts_at', kind)
                     FROM jsonb_each(former -> 'sessions') AS o (kind, session)
                     JOIN jsonb_each(latter -> 'sessions') AS n (kind, session) USING (kind)
                     WHERE o.session -> 'date' <> n.session -> 'date'
                        OR o.session ->> 'starts_at' <> n.session ->> 'starts_at')))
$$;
