DROP TRIGGER notification_of_account ON audit_log;
DROP FUNCTION notification_of_account();
DELETE FROM schedule WHERE name = 'notifications';
DROP TRIGGER notify_wake ON event;
DROP FUNCTION notify_wake();
DELETE FROM event_consumer WHERE name = 'notify';
DROP FUNCTION notification_send(notification_message[], timestamptz, bigint);
DROP TYPE notification_message;
DROP FUNCTION race_lock(text);
DROP FUNCTION date_words(date);
DROP FUNCTION time_words(timestamptz, text);
DROP FUNCTION html_text(text);
DROP FUNCTION one_line(text);
DROP VIEW notification_zone;
CREATE OR REPLACE VIEW notification_wish AS
    SELECT a.id AS account_id, k.kind, coalesce(p.in_app, k.in_app) AS in_app,
           coalesce(p.mail, k.mail) AND a.notifications_enabled AND a.email_verified_at IS NOT NULL AS by_mail,
           coalesce(p.webhook, k.webhook) AS by_webhook,
           coalesce(p.hours_before, k.hours_before) * interval '1 hour' AS lead_time, a.time_zone, a.created_at AS since
    FROM account a CROSS JOIN notification_kind k
    LEFT JOIN notification_preference p ON p.account_id = a.id AND p.kind = k.kind
    WHERE a.disabled_at IS NULL;
UPDATE notification_kind SET in_app = true, webhook = true WHERE kind = 'lock_soon';
ALTER TABLE notification_preference DROP CONSTRAINT notification_preference_hours,
    ADD CONSTRAINT notification_preference_hours CHECK (hours_before BETWEEN 1 AND 168);
ALTER TABLE notification DROP COLUMN expires_at;
