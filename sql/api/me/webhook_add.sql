-- route: POST /api/v1/me/webhooks
-- summary: A new webhook; the secret that its deliveries are signed with is shown this once
-- param: url body text(1..2000) required -- where deliveries are posted to
-- param: kinds body words(race_reminder|lock_soon|results|correction|calendar) required -- what it is told of
-- auth: user
-- cache: none
-- result: one
-- status: 201
-- location: /api/v1/me/webhooks/{id}
-- noun: user
-- schema: kinds WebhookKinds
-- example: /api/v1/me/webhooks {"url": "https://example.org/hook", "kinds": ["results", "correction"]}
WITH added AS (
    INSERT INTO webhook (account_id, url, secret, kinds, created_at, updated_at)
    VALUES (:me, :url, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), :kinds, :now, :now)
    RETURNING *),
audited AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
    SELECT :now, :me, 'token', 'webhook.add', id, jsonb_build_object('kinds', kinds) FROM added)
SELECT id, url, to_json(kinds) AS kinds, is_active, created_at, updated_at, delivered_at, failures,
    'whsec_' || encode(secret, 'base64') AS secret
FROM added
