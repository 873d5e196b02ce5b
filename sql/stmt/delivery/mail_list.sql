-- summary: The newest mails, or those of a state
-- params: state, is_failed
-- access: read
SELECT id, kind, state, attempts, recipient, subject, created_at, sent_at, next_at, error_code, error FROM mail_outbox
WHERE (state = :state OR :state IS NULL) AND (NOT :is_failed::boolean OR state IN ('failed', 'uncertain'))
ORDER BY id DESC LIMIT 50
