-- route: GET /api/v1/me/webhooks/{webhook_id}/deliveries
-- summary: What a webhook was told or waits to be told, the newest first
-- param: webhook_id path uuid
-- param: state query enum(waiting|delivered|failed) optional
-- auth: user
-- cache: none
-- result: list
-- noun: webhook
-- exists: SELECT 1 FROM webhook WHERE account_id = :me AND id = :webhook_id
-- schema: payload WebhookPayload
-- example: /api/v1/me/webhooks/123e4567-e89b-12d3-a456-426614174000/deliveries?state=failed
SELECT d.id, d.kind, d.state, d.attempts, d.status, d.error, d.created_at, d.attempted_at, d.payload
FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook_id
WHERE w.account_id = :me AND w.id = :webhook_id AND (d.state = :state OR :state IS NULL)
ORDER BY d.id DESC
