-- route: GET /api/v1/me/notifications/{notification_id}
-- summary: A notification of the user
-- param: notification_id path integer(1..999999999999999)
-- auth: apikey profile:read
-- cache: none
-- result: one
-- noun: notification
-- example: /api/v1/me/notifications/1
SELECT id, kind, title, text, link, read, created_at, read_at, "race.id", "race.season", "race.round", "race.name"
FROM notification_item WHERE account_id = :me AND id = :notification_id
