-- Mail about accounts goes before what one may do without. Webhooks: what a URL is, how many one has, and in which order
-- deliveries are looked for.

DROP INDEX mail_outbox_waiting;
CREATE INDEX mail_outbox_waiting ON mail_outbox (is_optional, next_at, id) WHERE state = 'waiting';

CREATE INDEX webhook_delivery_next ON webhook_delivery (id) WHERE state = 'waiting';

-- A host, perhaps a port and a path: no user name, and nothing that a mailer or a log would have to escape.
ALTER TABLE webhook
    DROP CONSTRAINT webhook_url_check,
    ADD CONSTRAINT webhook_url CHECK (length(url) <= 2000
        AND url ~ '^https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?([/?][!-~]*)?$' AND url !~ '#');

CREATE FUNCTION webhook_most() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM FROM account WHERE id = NEW.account_id FOR UPDATE;
    IF (SELECT count(*) FROM webhook WHERE account_id = NEW.account_id) > 10 THEN
        RAISE EXCEPTION 'no account has more than ten' USING ERRCODE = 'check_violation', CONSTRAINT = 'webhook_most';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER webhook_most AFTER INSERT ON webhook FOR EACH ROW EXECUTE FUNCTION webhook_most();

-- One that is turned on again begins anew, with what still waits for it.
CREATE FUNCTION webhook_wake() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM job_want('send_webhooks', NEW.updated_at, NULL, '{}');
    RETURN NULL;
END $$;
CREATE TRIGGER webhook_wake AFTER UPDATE OF is_active ON webhook
    FOR EACH ROW WHEN (NEW.is_active AND NOT OLD.is_active) EXECUTE FUNCTION webhook_wake();
