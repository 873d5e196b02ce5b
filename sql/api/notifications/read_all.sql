-- route: POST /api/v1/me/notifications/read-all
-- summary: Marks all notifications of the user as read, and tells how many that were
-- auth: apikey profile:write
-- cache: none
-- result: one
-- example: /api/v1/me/notifications/read-all
WITH changed AS (
    UPDATE notification SET read_at = :now WHERE account_id = :me AND in_app AND read_at IS NULL RETURNING 1)
SELECT count(*) AS count FROM changed
