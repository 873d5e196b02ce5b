-- route: GET /api/v1/me/notification-preferences
-- summary: Of what the user wants to be told, and how
-- auth: apikey profile:read
-- cache: none
-- result: list
-- example: /api/v1/me/notification-preferences
SELECT k.kind, k.summary, coalesce(p.in_app, k.in_app) AS in_app, coalesce(p.mail, k.mail) AS mail,
    coalesce(p.webhook, k.webhook) AS webhook, coalesce(p.hours_before, k.hours_before) AS hours_before
FROM notification_kind k LEFT JOIN notification_preference p ON p.kind = k.kind AND p.account_id = :me
ORDER BY k.place
