-- summary: A new account, and the mail that asks to confirm its address where there is a token for it
-- params: username, email, verified, password_hash, role, token_hash, mail_subject, mail_body, now, actor, via
WITH added AS (
    INSERT INTO account (username, email, email_verified_at, password_hash, password_changed_at, role, created_at,
                         updated_at)
    VALUES (coalesce(:username, 'user_' || left(replace(gen_random_uuid()::text, '-', ''), 16)),
            :email, CASE WHEN :verified::boolean THEN :now::timestamptz END, :password_hash::text,
            CASE WHEN :password_hash IS NOT NULL THEN :now END, :role, :now, :now)
    RETURNING id, email, role
), token AS (
    INSERT INTO account_token (account_id, purpose, hash, email, created_at, expires_at)
    SELECT id, 'verify_email', decode(:token_hash::text, 'hex'), email, :now, :now + interval '1 day' FROM added
    WHERE :token_hash IS NOT NULL
    RETURNING account_id, email
), told AS (
    INSERT INTO mail_outbox (account_id, kind, recipient, subject, body, created_at)
    SELECT account_id, 'verify_email', email, :mail_subject, :mail_body, :now FROM token
), audited AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
    SELECT :now, coalesce(:actor::uuid, CASE WHEN :via = 'nobody' THEN id END), :via, 'account.add', id,
           jsonb_build_object('role', role)
    FROM added
)
SELECT id FROM added
