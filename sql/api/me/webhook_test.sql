-- route: POST /api/v1/me/webhooks/{webhook_id}/test
-- summary: Sends a delivery of the kind test, at once; what became of it stands among its deliveries
-- param: webhook_id path uuid
-- auth: user
-- cache: none
-- result: one
-- status: 202
-- noun: webhook that is turned on
-- schema: payload WebhookPayload
-- example: /api/v1/me/webhooks/123e4567-e89b-12d3-a456-426614174000/test
WITH asked AS (
    UPDATE webhook SET next_at = clock_timestamp() WHERE account_id = :me AND id = :webhook_id AND is_active RETURNING id)
INSERT INTO webhook_delivery (webhook_id, event_key, kind, payload, created_at)
SELECT id, 'test ' || gen_random_uuid(), 'test', '{"message": "It works."}', :now FROM asked
RETURNING id, kind, state, attempts, status, error, created_at, attempted_at, payload
