-- summary: What a link in a mail would turn off
-- params: token
-- access: read
SELECT k.kind, k.summary
FROM mail_outbox m JOIN notification_kind k USING (kind)
WHERE m.unsubscribe_hash = sha256(lower(:token)::bytea)
