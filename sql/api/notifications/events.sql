-- route: GET /api/v1/me/notifications/events
-- summary: The user's inbox as it changes: how many are not read, and the ten newest; as Server-Sent Events
-- auth: apikey profile:read
-- cache: none
-- result: events
-- listen: f1board_inbox me
-- schema: newest InboxNewest
-- example: /api/v1/me/notifications/events
SELECT (SELECT count(*) FROM notification WHERE account_id = :me AND in_app AND read_at IS NULL) AS unread_count,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('id', n.id, 'kind', n.kind, 'title', n.title, 'link', n.link,
                                                     'read', n.read, 'created_at', utc_text(n.created_at))
                                  ORDER BY n.id DESC), '[]')
        FROM (SELECT * FROM notification_item WHERE account_id = :me ORDER BY id DESC LIMIT 10) n) AS newest
