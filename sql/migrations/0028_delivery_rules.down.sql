DROP TRIGGER webhook_wake ON webhook;
DROP FUNCTION webhook_wake();
DROP TRIGGER webhook_most ON webhook;
DROP FUNCTION webhook_most();
ALTER TABLE webhook
    DROP CONSTRAINT webhook_url,
    ADD CONSTRAINT webhook_url_check CHECK (length(url) <= 2000 AND url ~ '^https?://[^[:cntrl:] ]+$');
DROP INDEX webhook_delivery_next;
DROP INDEX mail_outbox_waiting;
CREATE INDEX mail_outbox_waiting ON mail_outbox (next_at, id) WHERE state = 'waiting';
