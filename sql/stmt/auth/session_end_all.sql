-- summary: Ends all sessions of an account
-- params: account_id, now, actor, via
WITH ended AS (
    UPDATE user_session SET revoked_at = :now::timestamptz WHERE account_id = :account_id AND revoked_at IS NULL
    RETURNING id
)
INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
SELECT :now, :actor::uuid, :via, 'session.revoke_all', :account_id, jsonb_build_object('sessions', count(*)) FROM ended
