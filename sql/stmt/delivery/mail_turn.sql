-- summary: Notes how mails went that a sender had, and gives it the next ones
-- params: lease, told, most, lease_ms, now
-- One statement for a batch. What is told is an array of objects: id, state, tried (false: it never left), code, error,
-- pause_ms. The token of a link goes out with the mail; its digest is kept.
WITH told AS (
    SELECT * FROM jsonb_to_recordset(:told::jsonb)
        AS t (id bigint, state text, tried boolean, code text, error text, pause_ms bigint)),
settled AS (
    UPDATE mail_outbox m SET
        state = t.state, attempts = m.attempts - (NOT t.tried)::integer,
        sent_at = CASE t.state WHEN 'sent' THEN :now::timestamptz END,
        body = CASE t.state WHEN 'sent' THEN NULL ELSE m.body END,
        html = CASE t.state WHEN 'sent' THEN NULL ELSE m.html END,
        next_at = clock_timestamp() + t.pause_ms * interval '1 ms',
        lease = NULL, lease_until = NULL, error_code = t.code, error = t.error
    FROM told t WHERE m.id = t.id AND m.lease = :lease
    RETURNING m.id),
due AS (
    SELECT id, gen_random_uuid() AS token FROM mail_outbox
    WHERE state = 'waiting' AND next_at <= clock_timestamp() AND (expires_at IS NULL OR expires_at > :now)
    ORDER BY is_optional, next_at, id LIMIT :most FOR UPDATE SKIP LOCKED),
taken AS (
    UPDATE mail_outbox m SET state = 'sending', attempts = m.attempts + 1, lease = :lease,
        lease_until = clock_timestamp() + :lease_ms::bigint * interval '1 ms',
        unsubscribe_hash = CASE WHEN m.is_optional THEN sha256(due.token::text::bytea) END
    FROM due WHERE m.id = due.id
    RETURNING m.id, m.recipient, m.subject, m.body, m.html, m.message_id, m.attempts,
        CASE WHEN m.is_optional THEN due.token END AS token)
SELECT id, recipient, subject, body, html, message_id, attempts, token FROM taken
ORDER BY token IS NOT NULL, id
