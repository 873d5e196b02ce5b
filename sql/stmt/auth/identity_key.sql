-- summary: Whose API key has this hash, and what it is for; notes its use, to the minute
-- params: key_hash, now
WITH found AS (
    SELECT k.id AS key_id, k.prefix, array_to_string(k.scopes, ' ') AS scopes, k.revoked_at IS NOT NULL AS revoked,
           k.expires_at <= :now::timestamptz AS expired, k.last_used_at, a.id, a.username, a.role,
           a.disabled_at IS NOT NULL AS disabled
    FROM api_key k JOIN account a ON a.id = k.account_id
    WHERE k.hash = decode(:key_hash, 'hex')
), used AS (
    UPDATE api_key k SET last_used_at = :now FROM found f
    WHERE k.id = f.key_id AND NOT (f.revoked OR coalesce(f.expired, false) OR f.disabled)
      AND (f.last_used_at IS NULL OR f.last_used_at <= :now - interval '1 minute')
)
SELECT id, username, role, disabled, key_id, prefix, scopes, revoked, coalesce(expired, false) AS expired FROM found
