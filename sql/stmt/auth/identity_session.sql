-- summary: The user of a session that goes on
-- params: account_id, session_id, now
-- access: read
SELECT a.id, a.username, a.role, a.disabled_at IS NOT NULL AS disabled
FROM user_session s JOIN account a ON a.id = s.account_id
WHERE s.id = :session_id AND a.id = :account_id AND s.revoked_at IS NULL AND s.expires_at > :now::timestamptz
