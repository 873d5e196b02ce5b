-- summary: A new password; ends all sessions but one, and what could reset the former
-- params: account_id, password_hash, former_hash, any_former, keep_session, mail_subject, mail_body, now, actor, via
WITH changed AS (
    UPDATE account SET password_hash = :password_hash, password_changed_at = :now::timestamptz
    WHERE id = :account_id AND (:any_former::boolean OR password_hash IS NOT DISTINCT FROM :former_hash)
    RETURNING id, email
), ended AS (
    UPDATE user_session s SET revoked_at = :now FROM changed c
    WHERE s.account_id = c.id AND s.revoked_at IS NULL AND s.id IS DISTINCT FROM :keep_session::uuid
), dropped AS (
    DELETE FROM account_token t USING changed c WHERE t.account_id = c.id AND t.purpose = 'reset_password'
), told AS (
    INSERT INTO mail_outbox (account_id, kind, recipient, subject, body, created_at)
    SELECT id, 'password_changed', email, :mail_subject, :mail_body, :now FROM changed WHERE email IS NOT NULL
), audited AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id)
    SELECT :now, :actor::uuid, :via, 'account.password', id FROM changed
)
SELECT id FROM changed
