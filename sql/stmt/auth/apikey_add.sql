-- summary: A new key of an account that has fewer than twenty
-- params: account_id, name, prefix, key_hash, scopes, expires_at, now, actor, via
WITH who AS (
    SELECT id FROM account WHERE id = :account_id FOR UPDATE
), added AS (
    INSERT INTO api_key (account_id, name, prefix, hash, scopes, created_at, expires_at)
    SELECT id, :name, :prefix, decode(:key_hash, 'hex'), :scopes, :now::timestamptz, :expires_at::timestamptz FROM who
    WHERE (SELECT count(*) FROM api_key k WHERE k.account_id = who.id AND k.revoked_at IS NULL
                                            AND (k.expires_at IS NULL OR k.expires_at > :now)) < 20
    RETURNING id, account_id, name, prefix, scopes, created_at, expires_at
), audited AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
    SELECT :now, :actor::uuid, :via, 'apikey.add', id, jsonb_build_object('account', account_id, 'scopes', scopes)
    FROM added
)
SELECT id, name, prefix, to_json(scopes) AS scopes, created_at, expires_at FROM added
