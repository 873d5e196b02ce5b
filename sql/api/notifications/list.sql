-- route: GET /api/v1/me/notifications
-- summary: The user's notifications, the newest first
-- param: unread query boolean -- true: only those that were not read; false: only those that were
-- param: kind query enum(race_reminder|lock_soon|results|correction|calendar|account)
-- auth: apikey profile:read
-- cache: none
-- result: list
-- example: /api/v1/me/notifications?unread=true&limit=5
SELECT id, kind, title, text, link, read, created_at, read_at, "race.id", "race.season", "race.round", "race.name"
FROM notification_item
WHERE account_id = :me AND (read <> :unread OR :unread::boolean IS NULL) AND (kind = :kind OR :kind IS NULL)
ORDER BY id DESC
