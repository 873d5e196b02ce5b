-- What people are told, and how they want to be told.
--
-- A row of notification says that an account was told something, once: what is told for a second time meets the unique
-- key. So the row stays when its owner deletes the notification, and is there for those who want mail alone; in_app
-- says whether the inbox shows it. Nothing here is public and no answer that is cached depends on it.

-- The defaults, until a user wishes otherwise. Notifications of the kind 'account' are not for choice and not here.
CREATE TABLE notification_kind (
    kind         text PRIMARY KEY CHECK (kind ~ '^[a-z_]{1,40}$'),
    summary      text NOT NULL,
    in_app       boolean NOT NULL,
    mail         boolean NOT NULL,                          -- of those who want mail at all
    webhook      boolean NOT NULL,                          -- of those who have one
    hours_before smallint CHECK (hours_before BETWEEN 1 AND 168),   -- NULL: it is no reminder
    place        smallint NOT NULL UNIQUE                   -- in lists
);
INSERT INTO notification_kind (kind, summary, in_app, mail, webhook, hours_before, place) VALUES
    ('race_reminder', 'A race starts soon', true, true, true, 24, 1),
    ('lock_soon', 'Predictions for a race close soon', true, false, true, 2, 2),
    ('results', 'Results of a session are there', true, true, true, NULL, 3),
    ('correction', 'Results of a session were changed', true, true, true, NULL, 4),
    ('calendar', 'A race was moved, cancelled or put back', true, true, true, NULL, 5);

-- What a user wishes otherwise; NULL: the default.
CREATE TABLE notification_preference (
    account_id   uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    kind         text NOT NULL REFERENCES notification_kind ON DELETE CASCADE,
    in_app       boolean,
    mail         boolean,
    webhook      boolean,
    hours_before smallint CONSTRAINT notification_preference_hours CHECK (hours_before BETWEEN 1 AND 168),
    PRIMARY KEY (account_id, kind)
);

CREATE TABLE notification (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    kind        text NOT NULL CHECK (kind ~ '^[a-z_]{1,40}$'),
    subject     text NOT NULL CHECK (length(subject) BETWEEN 1 AND 200),    -- what it is about: told once
    title       text NOT NULL CHECK (length(title) BETWEEN 1 AND 200 AND title !~ '[[:cntrl:]]'),
    text        text NOT NULL CHECK (length(text) BETWEEN 1 AND 10000),
    race_id     slug,                                       -- no reference: TRUNCATE would follow
    link        text CHECK (link ~ '^/api/'),               -- below the mount: where to read more
    in_app      boolean NOT NULL,                           -- the inbox shows it
    by_mail     boolean NOT NULL,
    by_webhook  boolean NOT NULL,
    created_at  timestamptz NOT NULL,                       -- by the clock the service shows
    read_at     timestamptz,
    CONSTRAINT notification_once UNIQUE (kind, subject, account_id)
);
CREATE INDEX notification_account ON notification (account_id, id DESC);
CREATE INDEX notification_unread ON notification (account_id) WHERE in_app AND read_at IS NULL;
CREATE INDEX notification_created ON notification (created_at);

-- Whoever shows inboxes is told whose changed; of more than a hundred at once, '*': that all may have.
CREATE FUNCTION notification_tell() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    whose uuid[] := ARRAY(SELECT DISTINCT account_id FROM changed LIMIT 101);
BEGIN
    IF cardinality(whose) > 100 THEN
        NOTIFY f1board_inbox, '*';
    ELSE
        PERFORM pg_notify('f1board_inbox', w::text) FROM unnest(whose) AS w;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER notification_tell_new AFTER INSERT ON notification REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION notification_tell();
CREATE TRIGGER notification_tell_change AFTER UPDATE ON notification REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION notification_tell();
CREATE TRIGGER notification_tell_gone AFTER DELETE ON notification REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION notification_tell();

-- A notification as its owner sees it.
CREATE VIEW notification_item AS
    SELECT n.account_id, n.id, n.kind, n.title, n.text, n.link, n.read_at IS NOT NULL AS read, n.created_at, n.read_at,
           r.id AS "race.id", r.season AS "race.season", r.round AS "race.round", r.name AS "race.name"
    FROM notification n LEFT JOIN race r ON r.id = n.race_id
    WHERE n.in_app;

-- How the accounts that may be told anything want to be told.
CREATE VIEW notification_wish AS
    SELECT a.id AS account_id, k.kind, coalesce(p.in_app, k.in_app) AS in_app,
           coalesce(p.mail, k.mail) AND a.notifications_enabled AND a.email_verified_at IS NOT NULL AS by_mail,
           coalesce(p.webhook, k.webhook) AS by_webhook,
           coalesce(p.hours_before, k.hours_before) * interval '1 hour' AS lead_time, a.time_zone, a.created_at AS since
    FROM account a CROSS JOIN notification_kind k
    LEFT JOIN notification_preference p ON p.account_id = a.id AND p.kind = k.kind
    WHERE a.disabled_at IS NULL;
