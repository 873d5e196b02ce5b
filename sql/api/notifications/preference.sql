-- route: GET /api/v1/me/notification-preferences/{kind}
-- summary: How the user wants to be told of one kind of things
-- param: kind path enum(race_reminder|lock_soon|results|correction|calendar)
-- auth: apikey profile:read
-- cache: none
-- result: one
-- noun: kind of notifications
-- example: /api/v1/me/notification-preferences/race_reminder
SELECT k.kind, k.summary, coalesce(p.in_app, k.in_app) AS in_app, coalesce(p.mail, k.mail) AS mail,
    coalesce(p.webhook, k.webhook) AS webhook, coalesce(p.hours_before, k.hours_before) AS hours_before
FROM notification_kind k LEFT JOIN notification_preference p ON p.kind = k.kind AND p.account_id = :me
WHERE k.kind = :kind
