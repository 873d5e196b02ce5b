-- summary: A new account for somebody whom another vouches for; name and address are taken if nobody has them
-- params: issuer, subject, username, email, now, via
WITH added AS (
    INSERT INTO account (username, email, email_verified_at, created_at, updated_at)
    SELECT CASE WHEN :username ~ '^[A-Za-z0-9_]{3,50}$'
                 AND NOT EXISTS (SELECT FROM account WHERE lower(username COLLATE "C") = lower(:username COLLATE "C"))
                THEN :username ELSE 'user_' || left(replace(gen_random_uuid()::text, '-', ''), 16) END,
           e.email, CASE WHEN e.email IS NOT NULL THEN :now::timestamptz END, :now, :now
    FROM (SELECT CASE WHEN length(:email) <= 255 AND :email ~ '^[!-?A-~]+@[!-?A-~]+$'
                       AND NOT EXISTS (SELECT FROM account WHERE lower(email COLLATE "C") = lower(:email COLLATE "C"))
                      THEN :email END AS email) e
    RETURNING id, username, role
), linked AS (
    INSERT INTO account_link (issuer, subject, account_id, created_at) SELECT :issuer, :subject, id, :now FROM added
), audited AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
    SELECT :now, id, :via, 'account.add', id, jsonb_build_object('role', role, 'issuer', :issuer::text) FROM added
)
SELECT id, username, role, false AS disabled FROM added
