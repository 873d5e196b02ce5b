DROP TABLE webhook_delivery;
DROP FUNCTION webhook_delivery_wake();
DROP TABLE webhook;
DROP TRIGGER mail_outbox_wake ON mail_outbox;
DROP FUNCTION mail_outbox_wake();
DROP INDEX mail_outbox_waiting;
ALTER TABLE mail_outbox
    DROP COLUMN html,
    DROP COLUMN is_optional,
    DROP COLUMN event_key,
    DROP COLUMN expires_at,
    DROP COLUMN message_id,
    DROP COLUMN unsubscribe_hash,
    DROP COLUMN state,
    DROP COLUMN attempts,
    DROP COLUMN next_at,
    DROP COLUMN lease,
    DROP COLUMN lease_until,
    DROP COLUMN error_code,
    DROP COLUMN error;
ALTER TABLE mail_outbox RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
CREATE INDEX mail_outbox_waiting ON mail_outbox (id) WHERE sent_at IS NULL;
DROP FUNCTION job_want(text, timestamptz, timestamptz, jsonb);
