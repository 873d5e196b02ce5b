-- summary: A token that allows a new password, and the mail that brings it, if the address is somebody's
-- params: email, token_hash, mail_subject, mail_body, now
WITH token AS (
    INSERT INTO account_token AS t (account_id, purpose, hash, email, created_at, expires_at)
    SELECT id, 'reset_password', decode(:token_hash, 'hex'), email, :now::timestamptz, :now + interval '1 hour'
    FROM account WHERE lower(email COLLATE "C") = lower(:email COLLATE "C") AND disabled_at IS NULL
    ON CONFLICT (account_id, purpose) DO UPDATE
    SET hash = excluded.hash, email = excluded.email, created_at = excluded.created_at, expires_at = excluded.expires_at
    WHERE t.created_at <= excluded.created_at - interval '1 minute'
    RETURNING account_id, email, expires_at
)
INSERT INTO mail_outbox (account_id, kind, recipient, subject, body, created_at, expires_at)
SELECT account_id, 'reset_password', email, :mail_subject, :mail_body, :now, expires_at FROM token
