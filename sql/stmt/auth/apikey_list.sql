-- summary: The keys of an account, also those that are no longer good
-- params: account_id
-- access: read
SELECT id, name, prefix, array_to_string(scopes, ' ') AS scopes, created_at, expires_at, last_used_at, revoked_at
FROM api_key WHERE account_id = :account_id ORDER BY created_at, id
