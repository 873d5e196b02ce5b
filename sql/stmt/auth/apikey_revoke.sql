-- summary: Revokes a key, of this account if one is named
-- params: key_id, account_id, now, actor, via
WITH revoked AS (
    UPDATE api_key SET revoked_at = :now::timestamptz
    WHERE id = :key_id AND (account_id = :account_id::uuid OR :account_id IS NULL) AND revoked_at IS NULL
    RETURNING id, account_id
), audited AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
    SELECT :now, :actor::uuid, :via, 'apikey.revoke', id, jsonb_build_object('account', account_id) FROM revoked
)
SELECT id FROM revoked
