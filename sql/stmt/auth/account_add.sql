-- summary: A new account; a mail that asks to confirm its address and a first session where there are tokens for them
-- params: name, email, verified, hash, role, token, subject, body, refresh, until, now, actor, via, address, user_agent
WITH added AS (
    INSERT INTO account (username, email, email_verified_at, password_hash, password_changed_at, role, created_at,
                         updated_at, last_login_at)
    VALUES (coalesce(:name, 'user_' || left(replace(gen_random_uuid()::text, '-', ''), 16)),
            :email, CASE WHEN :verified::boolean THEN :now::timestamptz END, :hash::text,
            CASE WHEN :hash IS NOT NULL THEN :now END, :role, :now, :now,
            CASE WHEN :refresh::text IS NOT NULL THEN :now END)
    RETURNING id, username, email, role
), token AS (
    INSERT INTO account_token (account_id, purpose, hash, email, created_at, expires_at)
    SELECT id, 'verify_email', decode(:token::text, 'hex'), email, :now, :now + interval '1 day' FROM added
    WHERE :token IS NOT NULL
    RETURNING account_id, email, expires_at
), told AS (
    INSERT INTO mail_outbox (account_id, kind, recipient, subject, body, created_at, expires_at)
    SELECT account_id, 'verify_email', email, :subject, :body, :now, expires_at FROM token
), started AS (
    INSERT INTO user_session (account_id, user_agent, address, created_at, last_used_at, expires_at)
    SELECT id, left(:user_agent, 255), :address::inet, :now, :now, :until::timestamptz FROM added
    WHERE :refresh IS NOT NULL
    RETURNING id, account_id
), refresh AS (
    INSERT INTO refresh_token (hash, session_id, created_at)
    SELECT decode(:refresh, 'hex'), id, :now FROM started
), source AS (
    INSERT INTO login_source (subject, network, succeeded_at)
    SELECT account_id, login_network(:address::inet), :now FROM started WHERE :address IS NOT NULL
), audited AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
    SELECT :now, coalesce(:actor::uuid, CASE WHEN :via = 'nobody' THEN id END), :via, 'account.add', id,
           jsonb_build_object('role', role)
    FROM added
)
SELECT a.id, a.username, a.role, s.id AS session_id FROM added a LEFT JOIN started s ON true
