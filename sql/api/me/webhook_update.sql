-- route: PATCH /api/v1/me/webhooks/{webhook_id}
-- summary: Changes a webhook; one that is turned on begins without failures
-- param: webhook_id path uuid
-- param: url body text(1..2000)
-- param: kinds body words(race_reminder|lock_soon|results|correction|calendar)
-- param: is_active body boolean
-- auth: user
-- cache: none
-- result: one
-- noun: webhook
-- schema: kinds WebhookKinds
-- example: /api/v1/me/webhooks/123e4567-e89b-12d3-a456-426614174000 {"is_active": true}
WITH changed AS (
    UPDATE webhook SET url = coalesce(:url, url), kinds = coalesce(:kinds, kinds),
        is_active = coalesce(:is_active, is_active), updated_at = :now,
        failures = CASE WHEN coalesce(:is_active, is_active) AND NOT is_active THEN 0 ELSE failures END,
        next_at = CASE WHEN coalesce(:is_active, is_active) AND NOT is_active THEN clock_timestamp() ELSE next_at END
    WHERE account_id = :me AND id = :webhook_id
    RETURNING *),
audited AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
    SELECT :now, :me, 'token', 'webhook.change', id, jsonb_build_object('kinds', kinds, 'is_active', is_active)
    FROM changed)
SELECT id, url, to_json(kinds) AS kinds, is_active, created_at, updated_at, delivered_at, failures FROM changed
