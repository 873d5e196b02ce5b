-- How often each data domain changed, so that answers can be kept until what they show changes, by every child of every
-- node. A statement that changed rows leaves word in generation_touched; when its transaction commits, each domain it
-- touched gets a new generation once, and listeners are told. Doing that at the very end, and in one order, keeps the
-- rows locked for a moment only, and transactions from waiting for each other in a circle.
--
-- A generation is a time in microseconds, or one more than the one before: after a database was restored or made anew it
-- does not meet one that it had before.

CREATE TABLE generation (
    domain      text PRIMARY KEY,
    value       bigint NOT NULL DEFAULT extract(epoch FROM clock_timestamp()) * 1000000
);
INSERT INTO generation (domain) VALUES ('schedule'), ('entrants'), ('results'), ('laps'), ('standings'), ('rankings'),
    ('openf1');

-- Its rows never outlive their transaction.
CREATE UNLOGGED TABLE generation_touched (
    xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
    domain      text NOT NULL,
    PRIMARY KEY (xid, domain)
);

-- For what has no triggers: call it where a materialised view is refreshed.
CREATE FUNCTION generation_touch(of_domain text) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO generation_touched (domain) VALUES (of_domain) ON CONFLICT DO NOTHING;
END $$;

CREATE FUNCTION generation_bump() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    touched   text;
    new_value bigint;
BEGIN
    -- the first of a transaction's rows to get here does it for all
    FOR touched IN SELECT t.domain FROM generation_touched t WHERE t.xid = NEW.xid ORDER BY t.domain LOOP
        UPDATE generation SET value = greatest(value + 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
            WHERE domain = touched RETURNING value INTO STRICT new_value;
        PERFORM pg_notify('f1board_generation', touched || ' ' || new_value);
    END LOOP;
    DELETE FROM generation_touched WHERE xid = NEW.xid;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER generation_bump AFTER INSERT ON generation_touched DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION generation_bump();

-- Trigger functions of the tables that follow a domain; a statement that changed nothing leaves no word.
CREATE FUNCTION generation_some() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM changed) THEN
        PERFORM generation_touch(TG_ARGV[0]);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION generation_differs() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (TABLE changed EXCEPT ALL TABLE former) THEN
        PERFORM generation_touch(TG_ARGV[0]);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION generation_all() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM generation_touch(TG_ARGV[0]);
    RETURN NULL;
END $$;

-- From now on changes of the table (through a partitioned table's root) are changes of the domain.
CREATE FUNCTION generation_follow(tables text[], of_domain text) RETURNS void LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    followed text;
BEGIN
    FOREACH followed IN ARRAY tables LOOP
        EXECUTE format('CREATE TRIGGER generation_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS changed'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION generation_some(%L)', followed, of_domain);
        EXECUTE format('CREATE TRIGGER generation_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS changed'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION generation_some(%L)', followed, of_domain);
        EXECUTE format('CREATE TRIGGER generation_update AFTER UPDATE ON %I'
                       ' REFERENCING OLD TABLE AS former NEW TABLE AS changed'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION generation_differs(%L)', followed, of_domain);
        EXECUTE format('CREATE TRIGGER generation_truncate AFTER TRUNCATE ON %I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION generation_all(%L)', followed, of_domain);
    END LOOP;
END $$;

SELECT generation_follow('{season,circuit,circuit_fact,race,race_alias,session,weather}', 'schedule'),
       generation_follow('{driver,constructor,season_driver,season_constructor,entry}', 'entrants'),
       generation_follow('{revision,result,qualifying_result,ergast_status}', 'results'),
       generation_follow('{lap,pit_stop,session_load}', 'laps'),
       generation_follow('{driver_standing,constructor_standing}', 'standings'),
       generation_follow('{driver_rating,constructor_rating}', 'rankings'),
       -- telemetry is too much to look at again: openf1_load tells when it was replaced
       generation_follow('{openf1_meetings,openf1_sessions,openf1_load,openf1_drivers,openf1_position,openf1_intervals,'
                         'openf1_laps,openf1_pit,openf1_stints,openf1_race_control,openf1_weather,openf1_overtakes,'
                         'openf1_session_result,openf1_starting_grid,openf1_team_radio,openf1_championship_drivers,'
                         'openf1_championship_teams}', 'openf1');
