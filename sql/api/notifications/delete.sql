-- route: DELETE /api/v1/me/notifications/{notification_id}
-- summary: Takes a notification out of the user's inbox
-- param: notification_id path integer(1..999999999999999)
-- auth: apikey profile:write
-- cache: none
-- result: none
-- noun: notification
-- example: /api/v1/me/notifications/1
UPDATE notification SET in_app = false WHERE id = :notification_id AND account_id = :me AND in_app
