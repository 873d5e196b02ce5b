-- route: PATCH /api/v1/me/notifications/{notification_id}
-- summary: Marks a notification as read, or as unread again
-- param: notification_id path integer(1..999999999999999)
-- param: read body boolean required
-- auth: apikey profile:write
-- cache: none
-- match: optional
-- result: one
-- noun: notification
-- example: /api/v1/me/notifications/1 {"read": true}
UPDATE notification n SET read_at = CASE WHEN :read THEN coalesce(n.read_at, :now) END
FROM notification_item i
WHERE n.id = :notification_id AND n.account_id = :me AND i.id = n.id
RETURNING i.id, i.kind, i.title, i.text, i.link, n.read_at IS NOT NULL AS read, i.created_at, n.read_at,
    i."race.id", i."race.season", i."race.round", i."race.name"
