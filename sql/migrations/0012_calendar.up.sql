-- What calendars that people subscribe to have to know of a session: how often it changed and when, and that it was once
-- there. A session that is deleted stays here as removed, so that it disappears from their calendars too.

CREATE TABLE calendar_session (
    race_id     slug NOT NULL REFERENCES race ON DELETE CASCADE,
    kind        text NOT NULL,
    date        date NOT NULL,
    starts_at   timestamptz,
    sequence    integer NOT NULL DEFAULT 0,             -- grows with each change that a participant has to notice
    changed_at  timestamptz NOT NULL DEFAULT now(),
    removed     boolean NOT NULL DEFAULT false,
    PRIMARY KEY (race_id, kind)
);
INSERT INTO calendar_session (race_id, kind, date, starts_at) SELECT race_id, kind, date, starts_at FROM session;
SELECT generation_follow('{calendar_session}', 'schedule');

CREATE FUNCTION calendar_keep() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE calendar_session SET removed = true, sequence = sequence + 1, changed_at = now()
        WHERE race_id = OLD.race_id AND kind = OLD.kind;
        RETURN NULL;
    END IF;
    INSERT INTO calendar_session AS c (race_id, kind, date, starts_at)
    VALUES (NEW.race_id, NEW.kind, NEW.date, NEW.starts_at)
    ON CONFLICT (race_id, kind) DO UPDATE
    SET date = NEW.date, starts_at = NEW.starts_at, removed = false, sequence = c.sequence + 1, changed_at = now()
    WHERE (c.date, c.starts_at, c.removed) IS DISTINCT FROM (NEW.date, NEW.starts_at, false);
    RETURN NULL;
END $$;
CREATE TRIGGER calendar_keep AFTER INSERT OR DELETE OR UPDATE OF date, starts_at ON session
    FOR EACH ROW EXECUTE FUNCTION calendar_keep();

CREATE FUNCTION calendar_keep_race() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE calendar_session SET sequence = sequence + 1, changed_at = now() WHERE race_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER calendar_keep_race AFTER UPDATE OF status, name, circuit_id ON race
    FOR EACH ROW WHEN ((OLD.status = 'cancelled', OLD.name, OLD.circuit_id)
                       IS DISTINCT FROM (NEW.status = 'cancelled', NEW.name, NEW.circuit_id))
    EXECUTE FUNCTION calendar_keep_race();
