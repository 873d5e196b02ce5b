-- summary: Ends one session of an account
-- params: account_id, session_id, now, actor, via
WITH ended AS (
    UPDATE user_session SET revoked_at = :now::timestamptz
    WHERE id = :session_id AND account_id = :account_id AND revoked_at IS NULL AND expires_at > :now
    RETURNING id, account_id
), audited AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
    SELECT :now, :actor::uuid, :via, 'session.revoke', id, jsonb_build_object('account', account_id) FROM ended
)
SELECT id FROM ended
