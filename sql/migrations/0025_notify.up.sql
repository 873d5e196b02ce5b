-- How notifications come to be: a message says something of a kind once, in the words of each time zone that users have,
-- and notification_send gives it to all who want to be told. The texts are those of sql/stmt/notify.

ALTER TABLE notification ADD COLUMN expires_at timestamptz;     -- mail about it is of no use afterwards

ALTER TABLE notification_preference DROP CONSTRAINT notification_preference_hours,
    ADD CONSTRAINT notification_preference_hours CHECK (hours_before IS NULL OR hours_before BETWEEN 1 AND 168
                                                        AND kind IN ('race_reminder', 'lock_soon'));

-- There is nothing yet that one could predict, so that only those are told who ask for it.
UPDATE notification_kind SET in_app = false, webhook = false WHERE kind = 'lock_soon';

-- As before, but a webhook is only one that is there and wants the kind.
CREATE OR REPLACE VIEW notification_wish AS
    SELECT a.id AS account_id, k.kind, coalesce(p.in_app, k.in_app) AS in_app,
           coalesce(p.mail, k.mail) AND a.notifications_enabled AND a.email_verified_at IS NOT NULL AS by_mail,
           coalesce(p.webhook, k.webhook)
           AND EXISTS (SELECT FROM webhook h WHERE h.account_id = a.id AND h.is_active AND k.kind = ANY (h.kinds))
           AS by_webhook,
           coalesce(p.hours_before, k.hours_before) * interval '1 hour' AS lead_time, a.time_zone, a.created_at AS since
    FROM account a CROSS JOIN notification_kind k
    LEFT JOIN notification_preference p ON p.account_id = a.id AND p.kind = k.kind
    WHERE a.disabled_at IS NULL;

-- The time zones that accounts name, and which one to show: a name that this server does not know must not keep
-- everybody else from being told.
CREATE VIEW notification_zone AS
    SELECT z.time_zone, CASE WHEN is_time_zone(z.time_zone) THEN z.time_zone ELSE 'UTC' END AS shown_zone
    FROM (SELECT DISTINCT time_zone FROM account) AS z;

-- --- Words

-- A name from outside as it stands in a sentence: one line, of a bounded length.
CREATE FUNCTION one_line(words text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT left(btrim(regexp_replace(words, '[[:cntrl:][:space:]]+', ' ', 'g')), 100)
$$;

CREATE FUNCTION html_text(words text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT replace(replace(replace(replace(replace(words, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'),
                           '"', '&quot;'), '''', '&#39;')
$$;

-- Sunday, 28 July 2024 at 15:00 (Europe/Rome)
CREATE FUNCTION time_words(at timestamptz, zone text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(at AT TIME ZONE zone, 'FMDay, FMDD FMMonth YYYY "at" HH24:MI') || ' (' || zone || ')'
$$;
CREATE FUNCTION date_words(day date) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(day, 'FMDay, FMDD FMMonth YYYY')
$$;

-- When predictions for a race close: as the first session begins that decides anything.
CREATE FUNCTION race_lock(of_race text) RETURNS TABLE (session text, at timestamptz) LANGUAGE sql STABLE AS $$
    SELECT s.kind, s.starts_at FROM session s
    WHERE s.race_id = $1 AND s.is_planned AND s.starts_at IS NOT NULL
      AND s.kind IN ('qualifying', 'sprint_qualifying', 'sprint', 'race')
    ORDER BY s.starts_at, s.id LIMIT 1
$$;

-- --- Sending

CREATE TYPE notification_message AS (
    kind        text,
    subject     text,                   -- what it is about: nobody is told twice
    time_zone   text,                   -- for accounts with this one
    title       text,                   -- the mail's subject too
    text        text,
    race_id     slug,
    link        text,
    happened_at timestamptz,            -- told to those who were there by then; NULL: to all
    reminds_of  timestamptz,            -- told as long before as each wants it; NULL: at once
    expires_at  timestamptz             -- for mail
);

-- Tells everybody who wants it, in one statement; most rows at most (NULL: any number), so that it can be called again
-- for the rest.
CREATE FUNCTION notification_send(messages notification_message[], shown timestamptz, most bigint)
RETURNS TABLE (notifications bigint, mails bigint, deliveries bigint) LANGUAGE sql SET search_path FROM CURRENT AS $$
    WITH told AS (
        INSERT INTO notification (account_id, kind, subject, title, text, race_id, link, in_app, by_mail, by_webhook,
                                  created_at, expires_at)
        SELECT w.account_id, m.kind, m.subject, m.title, m.text, m.race_id, m.link, w.in_app, w.by_mail, w.by_webhook,
               shown, m.expires_at
        FROM unnest(messages) AS m JOIN notification_wish w ON w.kind = m.kind AND w.time_zone = m.time_zone
        WHERE (w.in_app OR w.by_mail OR w.by_webhook)
          AND (m.happened_at >= w.since OR m.happened_at IS NULL)
          AND (m.reminds_of - w.lead_time <= shown OR m.reminds_of IS NULL)
          AND NOT EXISTS (SELECT FROM notification n
                          WHERE n.kind = m.kind AND n.subject = m.subject AND n.account_id = w.account_id)
        ORDER BY m.expires_at, w.account_id
        LIMIT most
        ON CONFLICT ON CONSTRAINT notification_once DO NOTHING
        RETURNING *),
    mailed AS (
        INSERT INTO mail_outbox (account_id, kind, recipient, subject, body, html, is_optional, event_key, created_at,
                                 expires_at)
        SELECT a.id, t.kind, a.email, t.title, format(E'Hello %s,\n\n%s\n', a.username, t.text),
               format(E'<h2>%s</h2>\n<p>Hello %s,</p>\n<p>%s</p>\n', html_text(t.title), html_text(a.username),
                      replace(html_text(t.text), E'\n', E'<br>\n')),
               true, t.subject, t.created_at, t.expires_at
        FROM told t JOIN account a ON a.id = t.account_id
        WHERE t.by_mail
        ON CONFLICT (account_id, kind, event_key) DO NOTHING
        RETURNING 1),
    delivered AS (
        INSERT INTO webhook_delivery (webhook_id, event_key, kind, payload, created_at)
        SELECT h.id, t.kind || ' ' || t.subject, t.kind,
               jsonb_build_object('title', t.title, 'text', t.text, 'link', t.link, 'race',
                                  CASE WHEN r.id IS NOT NULL
                                       THEN jsonb_build_object('id', r.id, 'season', r.season, 'round', r.round,
                                                               'name', r.name) END),
               t.created_at
        FROM told t
        JOIN webhook h ON h.account_id = t.account_id AND h.is_active AND t.kind = ANY (h.kinds)
        LEFT JOIN race r ON r.id = t.race_id
        WHERE t.by_webhook
        ON CONFLICT (webhook_id, event_key) DO NOTHING
        RETURNING 1)
    SELECT (SELECT count(*) FROM told), (SELECT count(*) FROM mailed), (SELECT count(*) FROM delivered);
$$;

-- --- What wakes it

INSERT INTO event_consumer (name) VALUES ('notify');

-- Deferred, because from here to the commit the waiting job is locked.
CREATE FUNCTION notify_wake() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM job_want('notify', NEW.at, NULL, '{}');
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER notify_wake AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION notify_wake();

INSERT INTO schedule (name, kind, payload, priority, period, phase, summary) VALUES
    ('notifications', 'notify', '{}', 30, '1 minute', '0', 'Reminds of races, and tells what happened');

-- What happens to an account its owner is told at once, as mail about it is written at once, and always.
CREATE FUNCTION notification_of_account() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO notification (account_id, kind, subject, title, text, in_app, by_mail, by_webhook, created_at)
    SELECT a.id, 'account', 'audit ' || NEW.id, w.title, w.text, true, false, false, NEW.at
    FROM (VALUES
        ('account.password', 'Your password was changed',
         'If it was not you, choose a new one at once, by "forgot password".'),
        ('account.email', 'Your e-mail address was confirmed', 'Mail for you goes there from now on.'),
        ('account.role', 'Your role was changed',
         CASE NEW.details ->> 'role' WHEN 'admin' THEN 'You are an administrator now.'
                                     ELSE 'You are an administrator no longer.' END),
        ('apikey.add', 'A new API key was made',
         'If it was not you, revoke the key and choose a new password.'),
        ('session.revoke', 'A session was ended for safety',
         'Its refresh token was used twice, so that somebody else may have it. If you do not know why, choose a new'
         ' password.')) AS w (action, title, text)
    JOIN account a ON a.id::text = coalesce(NEW.details ->> 'account', NEW.object_id)
    WHERE w.action = NEW.action;
    RETURN NULL;
END $$;
CREATE TRIGGER notification_of_account AFTER INSERT ON audit_log FOR EACH ROW
    WHEN (NEW.action IN ('account.password', 'account.email', 'account.role', 'apikey.add')
          OR (NEW.action = 'session.revoke' AND NEW.details ->> 'reason' = 'reuse'))
    EXECUTE FUNCTION notification_of_account();
