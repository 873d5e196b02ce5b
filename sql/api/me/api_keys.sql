-- route: GET /api/v1/me/api-keys
-- summary: The user's API keys; of each only its beginning
-- auth: user
-- cache: none
-- result: list
-- schema: scopes Scopes
-- example: /api/v1/me/api-keys
SELECT id, name, prefix, to_json(scopes) AS scopes, created_at, expires_at, last_used_at, revoked_at
FROM api_key WHERE account_id = :me
ORDER BY created_at DESC, id
