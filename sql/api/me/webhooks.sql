-- route: GET /api/v1/me/webhooks
-- summary: The user's webhooks
-- auth: user
-- cache: none
-- result: list
-- schema: kinds WebhookKinds
-- example: /api/v1/me/webhooks
SELECT id, url, to_json(kinds) AS kinds, is_active, created_at, updated_at, delivered_at, failures
FROM webhook WHERE account_id = :me
ORDER BY created_at, id
