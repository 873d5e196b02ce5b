-- route: GET /api/v1/me/sessions
-- summary: Where the user is logged in, the last used first
-- auth: user
-- cache: none
-- result: list
-- example: /api/v1/me/sessions
SELECT id, user_agent, host(address) AS address, created_at, last_used_at, expires_at,
       coalesce(id = :my_session, false) AS current
FROM user_session
WHERE account_id = :me AND revoked_at IS NULL AND expires_at > :now
ORDER BY last_used_at DESC, id
