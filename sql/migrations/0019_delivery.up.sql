-- Mail and webhooks on their way out. Whoever inserts a row has done all there is to do: a trigger wakes the job that
-- sends it. Both have two clocks, as jobs do: created_at and expires_at are by the clock the service shows, leases and
-- pauses by the machine's.
--
-- A transaction that inserts should do so near its end: from there to its commit it holds the row of the waiting job,
-- so that the job cannot begin, and miss what is not committed yet.

-- Makes sure that a job of a kind will run: now, or not before a time. One that waits already comes at the earlier of
-- both. It locks that job until the transaction's end.
CREATE FUNCTION job_want(which text, shown timestamptz, not_before timestamptz, what jsonb) RETURNS void
LANGUAGE sql SET search_path FROM CURRENT AS $$
    INSERT INTO job (kind, payload, unique_key, priority, run_at, retry_at)
    VALUES (which, what, which, 30, shown, not_before)
    ON CONFLICT (unique_key) WHERE state IN ('PENDING', 'STARTED', 'RETRY') DO UPDATE SET
        run_at = least(job.run_at, excluded.run_at),
        retry_at = CASE WHEN job.retry_at IS NOT NULL AND excluded.retry_at IS NOT NULL
                        THEN least(job.retry_at, excluded.retry_at) END;
$$;

-- --- Mail
--
--   INSERT INTO mail_outbox (account_id, kind, recipient, subject, body, html, is_optional, event_key, created_at,
--                            expires_at)
--   SELECT a.id, 'results', a.email, 'Belgian Grand Prix: the results', '…', '<p>…</p>', true, 'results 123', :now,
--          :now::timestamptz + interval '2 days'
--   FROM account a WHERE a.email_verified_at IS NOT NULL AND a.disabled_at IS NULL AND …
--   ON CONFLICT (account_id, kind, event_key) DO NOTHING
--
-- body is plain text in lines that end in \n, html what stands in a page's <body> (escaped by whoever writes it), or
-- NULL. Optional mail gets a line, a link and headers by which its reader turns off mail of its kind.
ALTER TABLE mail_outbox
    ADD COLUMN html         text,
    ADD COLUMN is_optional  boolean NOT NULL DEFAULT false,     -- of a kind that one may turn off
    ADD COLUMN event_key    text CHECK (length(event_key) BETWEEN 1 AND 200),  -- of what it tells: once to each
    ADD COLUMN expires_at   timestamptz,                        -- of no use to anybody afterwards
    ADD COLUMN message_id   uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN unsubscribe_hash bytea CHECK (length(unsubscribe_hash) = 32),   -- of the token in its last copy
    ADD COLUMN state        text NOT NULL DEFAULT 'waiting' CHECK (state IN (
                                'waiting',      -- until next_at
                                'sending',      -- a sender has it, and nobody else will before it says how it went
                                'sent',
                                'failed',       -- refused for good, or too often
                                'uncertain')),  -- its sender died: it may have been sent, so it is not sent again
    ADD COLUMN attempts     smallint NOT NULL DEFAULT 0,
    ADD COLUMN next_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    ADD COLUMN lease        uuid,
    ADD COLUMN lease_until  timestamptz,                        -- then its sender is dead
    ADD COLUMN error_code   text,                               -- the server's reply ('550'), or a word of ours
    ADD COLUMN error        text;
UPDATE mail_outbox SET state = 'sent' WHERE sent_at IS NOT NULL;
-- Nobody waits any more for what was never sent.
UPDATE mail_outbox SET state = 'failed', error_code = 'expired', error = 'it was too old when mail began to be sent'
WHERE sent_at IS NULL AND created_at < now() - interval '1 day';
ALTER TABLE mail_outbox
    ADD CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    ADD CHECK ((state = 'sending') = (lease IS NOT NULL)),
    ADD CHECK ((lease IS NULL) = (lease_until IS NULL)),
    ADD CHECK (html IS NULL OR body IS NOT NULL),
    ADD CHECK (NOT is_optional OR account_id IS NOT NULL),
    ADD UNIQUE (account_id, kind, event_key);
DROP INDEX mail_outbox_waiting;
CREATE INDEX mail_outbox_waiting ON mail_outbox (next_at, id) WHERE state = 'waiting';
CREATE INDEX mail_outbox_sending ON mail_outbox (lease_until) WHERE state = 'sending';
CREATE INDEX mail_outbox_dead ON mail_outbox (id) WHERE state IN ('failed', 'uncertain');
CREATE UNIQUE INDEX mail_outbox_unsubscribe ON mail_outbox (unsubscribe_hash) WHERE unsubscribe_hash IS NOT NULL;
ALTER TABLE mail_outbox SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

CREATE FUNCTION mail_outbox_wake() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM job_want('send_mail', min(created_at), NULL, '{}') FROM added HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER mail_outbox_wake AFTER INSERT ON mail_outbox REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION mail_outbox_wake();
SELECT job_want('send_mail', min(created_at), NULL, '{}') FROM mail_outbox WHERE state = 'waiting' HAVING count(*) > 0;

-- --- Webhooks: programs of users that want to be told
--
--   INSERT INTO webhook_delivery (webhook_id, event_key, kind, payload, created_at)
--   SELECT w.id, 'results 123', 'results', '{"race": {…}, …}', :now
--   FROM webhook w WHERE w.is_active AND 'results' = ANY (w.kinds) AND …
--   ON CONFLICT (webhook_id, event_key) DO NOTHING
CREATE TABLE webhook (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id  uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    url         text NOT NULL CHECK (length(url) <= 2000 AND url ~ '^https?://[^[:cntrl:] ]+$'),
    secret      bytea NOT NULL CHECK (length(secret) = 32),     -- what is sent is signed with it, so it is no hash
    kinds       text[] NOT NULL CHECK (kinds::text ~ '^\{[a-z_]+(,[a-z_]+)*\}$'),
    is_active   boolean NOT NULL DEFAULT true,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),             -- of what its owner may change
    delivered_at timestamptz,                                   -- when it took something last
    failures    integer NOT NULL DEFAULT 0 CHECK (failures >= 0),   -- since then; too many turn it off
    next_at     timestamptz NOT NULL DEFAULT clock_timestamp(), -- nothing is sent there before
    lease       uuid,                                           -- who sends there: one at a time, in order
    lease_until timestamptz,
    CHECK ((lease IS NULL) = (lease_until IS NULL))
);
CREATE INDEX webhook_account ON webhook (account_id, created_at);

CREATE TABLE webhook_delivery (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id  uuid NOT NULL REFERENCES webhook ON DELETE CASCADE,
    event_key   text NOT NULL CHECK (length(event_key) BETWEEN 1 AND 200),
    kind        text NOT NULL CHECK (kind ~ '^[a-z_]+$'),
    payload     jsonb NOT NULL CHECK (jsonb_typeof(payload) = 'object'),
    created_at  timestamptz NOT NULL DEFAULT now(),
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    attempts    smallint NOT NULL DEFAULT 0,
    attempted_at timestamptz,
    status      smallint,                                       -- of the last answer; NULL: there was none
    error       text,                                           -- why the last attempt failed
    UNIQUE (webhook_id, event_key)
);
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (webhook_id, id) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_recent ON webhook_delivery (webhook_id, id DESC);
CREATE INDEX webhook_delivery_done ON webhook_delivery (attempted_at) WHERE state <> 'waiting';

CREATE FUNCTION webhook_delivery_wake() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM job_want('send_webhooks', min(created_at), NULL, '{}') FROM added HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER webhook_delivery_wake AFTER INSERT ON webhook_delivery REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION webhook_delivery_wake();
