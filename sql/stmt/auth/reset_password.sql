-- summary: A new password by a token: whoever has it reads the owner's mail, and may log in from where he is
-- params: token_hash, password_hash, mail_subject, mail_body, now, address
WITH used AS (
    DELETE FROM account_token
    WHERE hash = decode(:token_hash, 'hex') AND purpose = 'reset_password' AND expires_at > :now::timestamptz
    RETURNING account_id, email
), changed AS (
    UPDATE account a
    SET password_hash = :password_hash, password_changed_at = :now,
        email_verified_at = CASE WHEN a.email = u.email THEN coalesce(a.email_verified_at, :now)
                                 ELSE a.email_verified_at END
    FROM used u WHERE a.id = u.account_id AND a.disabled_at IS NULL
    RETURNING a.id, a.email
), ended AS (
    UPDATE user_session s SET revoked_at = :now FROM changed c WHERE s.account_id = c.id AND s.revoked_at IS NULL
), source AS (
    INSERT INTO login_source (subject, network, succeeded_at)
    SELECT id, login_network(:address::inet), :now FROM changed WHERE :address IS NOT NULL
    ON CONFLICT (subject, network) DO UPDATE
    SET failures = 0, failed_at = NULL, locked_until = NULL, succeeded_at = excluded.succeeded_at
), told AS (
    INSERT INTO mail_outbox (account_id, kind, recipient, subject, body, created_at)
    SELECT id, 'password_changed', email, :mail_subject, :mail_body, :now FROM changed WHERE email IS NOT NULL
), audited AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
    SELECT :now, id, 'nobody', 'account.password', id, jsonb_build_object('reset', true) FROM changed
)
SELECT id FROM changed
