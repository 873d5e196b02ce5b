-- route: GET /api/v1/me/notifications/unread-count
-- summary: How many notifications the user has not read
-- auth: apikey profile:read
-- cache: none
-- result: one
-- example: /api/v1/me/notifications/unread-count
SELECT count(*) AS unread_count FROM notification WHERE account_id = :me AND in_app AND read_at IS NULL
