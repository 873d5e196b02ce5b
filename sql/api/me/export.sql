-- route: GET /api/v1/me/export
-- summary: All that is stored of who asks
-- auth: user
-- cache: none
-- result: json
-- schema: Export
-- noun: user
-- example: /api/v1/me/export
SELECT jsonb_build_object(
    'exported_at', :now::timestamptz,
    'user', (SELECT to_jsonb(p) FROM account_profile p WHERE p.id = a.id),
    'password_changed_at', a.password_changed_at,
    'links', (SELECT coalesce(jsonb_agg(jsonb_build_object('issuer', l.issuer, 'subject', l.subject,
                                                           'created_at', l.created_at) ORDER BY l.created_at), '[]')
              FROM account_link l WHERE l.account_id = a.id),
    'sessions', (SELECT coalesce(jsonb_agg(to_jsonb(s) - 'account_id' ORDER BY s.created_at), '[]')
                 FROM user_session s WHERE s.account_id = a.id),
    'api_keys', (SELECT coalesce(jsonb_agg(to_jsonb(k) - 'account_id' - 'hash' ORDER BY k.created_at), '[]')
                 FROM api_key k WHERE k.account_id = a.id),
    'logins', (SELECT coalesce(jsonb_agg(to_jsonb(g) - 'subject' ORDER BY g.network), '[]')
               FROM login_source g WHERE g.subject = a.id),
    'mail', (SELECT coalesce(jsonb_agg(to_jsonb(m) - ARRAY['account_id', 'body', 'html', 'lease',
                                                             'unsubscribe_hash'] ORDER BY m.id), '[]')
             FROM mail_outbox m WHERE m.account_id = a.id),
    'webhooks', (SELECT coalesce(jsonb_agg(to_jsonb(w) - ARRAY['account_id', 'secret', 'lease']
                                           || jsonb_build_object('deliveries', (
                                               SELECT coalesce(jsonb_agg(to_jsonb(d) - 'webhook_id' ORDER BY d.id), '[]')
                                               FROM webhook_delivery d WHERE d.webhook_id = w.id))
                                           ORDER BY w.created_at), '[]')
                 FROM webhook w WHERE w.account_id = a.id),
    'notifications', (SELECT coalesce(jsonb_agg(to_jsonb(n) - 'account_id' ORDER BY n.id), '[]')
                      FROM notification n WHERE n.account_id = a.id),
    'notification_preferences', (SELECT coalesce(jsonb_agg(to_jsonb(w) - 'account_id' ORDER BY w.kind), '[]')
                                 FROM notification_preference w WHERE w.account_id = a.id),
    'audit', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', u.at, 'action', u.action, 'object_id', u.object_id,
                                                           'details', u.details) ORDER BY u.id), '[]')
              FROM audit_log u WHERE u.actor_id = a.id OR u.object_id = a.id::text)) AS "export"
FROM account a WHERE a.id = :me
