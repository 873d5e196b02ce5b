-- route: DELETE /api/v1/me/webhooks/{webhook_id}
-- summary: Deletes a webhook, and what still waits for it
-- param: webhook_id path uuid
-- auth: user
-- cache: none
-- result: none
-- noun: webhook
-- example: /api/v1/me/webhooks/123e4567-e89b-12d3-a456-426614174000
WITH gone AS (
    DELETE FROM webhook WHERE account_id = :me AND id = :webhook_id RETURNING id)
INSERT INTO audit_log (at, actor_id, via, action, object_id)
SELECT :now, :me, 'token', 'webhook.remove', id FROM gone
