-- route: PATCH /api/v1/me/notification-preferences/{kind}
-- summary: How the user wants to be told of one kind of things; null: as usual
-- param: kind path enum(race_reminder|lock_soon|results|correction|calendar)
-- param: in_app body boolean nullable -- in the inbox
-- param: mail body boolean nullable -- if the user has mail switched on (notifications_enabled) and a confirmed address
-- param: webhook body boolean nullable -- to the user's webhooks, where there are any
-- param: hours_before body integer(1..168) nullable -- of reminders: how long before
-- auth: apikey profile:write
-- cache: none
-- match: optional
-- result: one
-- example: /api/v1/me/notification-preferences/race_reminder {"hours_before": 48, "mail": null}
WITH changed AS (
    INSERT INTO notification_preference AS p (account_id, kind, in_app, mail, webhook, hours_before)
    VALUES (:me, :kind, :in_app, :mail, :webhook, :hours_before::integer)
    ON CONFLICT (account_id, kind) DO UPDATE
    SET in_app = CASE WHEN :in_app_given THEN excluded.in_app ELSE p.in_app END,
        mail = CASE WHEN :mail_given THEN excluded.mail ELSE p.mail END,
        webhook = CASE WHEN :webhook_given THEN excluded.webhook ELSE p.webhook END,
        hours_before = CASE WHEN :hours_before_given THEN excluded.hours_before ELSE p.hours_before END
    RETURNING *)
SELECT k.kind, k.summary, coalesce(c.in_app, k.in_app) AS in_app, coalesce(c.mail, k.mail) AS mail,
    coalesce(c.webhook, k.webhook) AS webhook, coalesce(c.hours_before, k.hours_before) AS hours_before
FROM changed c JOIN notification_kind k USING (kind)
