-- route: GET /api/v1/me/webhooks/{webhook_id}
-- summary: A webhook of the user
-- param: webhook_id path uuid
-- auth: user
-- cache: none
-- result: one
-- noun: webhook
-- schema: kinds WebhookKinds
-- example: /api/v1/me/webhooks/123e4567-e89b-12d3-a456-426614174000
SELECT id, url, to_json(kinds) AS kinds, is_active, created_at, updated_at, delivered_at, failures
FROM webhook WHERE account_id = :me AND id = :webhook_id
