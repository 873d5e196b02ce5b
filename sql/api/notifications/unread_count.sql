-- route: GET /api/v1/me/notifications/unread-count
-- summary: How many notifications the user has not read
-- auth: user
-- cache: none
-- result: one
-- example: /api/v1/me/notifications/unread-count
SELECT count(*) AS unread FROM notification WHERE account_id = :me AND in_app AND read_at IS NULL
