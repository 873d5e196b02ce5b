-- summary: Confirms the address that a token was sent to
-- params: token_hash, mail_subject, mail_body, now
WITH used AS (
    DELETE FROM account_token
    WHERE hash = decode(:token_hash, 'hex') AND purpose = 'verify_email' AND expires_at > :now::timestamptz
    RETURNING account_id, email
), former AS (
    SELECT a.id, a.email AS former_email, u.email FROM account a JOIN used u ON u.account_id = a.id FOR UPDATE OF a
), changed AS (
    UPDATE account a
    SET email = f.email, email_verified_at = :now, updated_at = :now,
        email_pending = nullif(a.email_pending, f.email)
    FROM former f WHERE a.id = f.id
    RETURNING a.id, a.email, f.former_email
), told AS (
    INSERT INTO mail_outbox (account_id, kind, recipient, subject, body, created_at)
    SELECT id, 'email_changed', former_email, :mail_subject, :mail_body, :now FROM changed WHERE former_email <> email
), audited AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
    SELECT :now, id, 'nobody', 'account.email', id, jsonb_build_object('verified', true) FROM changed
)
SELECT id FROM changed
