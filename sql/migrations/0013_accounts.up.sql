-- Who may do what: accounts with their sessions, keys and one-time tokens; what was changed by whom; and mail that is
-- to be sent. Nothing here is public and no answer that is cached depends on it, so no domain follows these tables.
--
-- Secrets are stored as what they are compared with: a password as its slow hash; refresh tokens, API keys and one-time
-- tokens, which are random and long, as their SHA-256. Letters are folded as ASCII whatever the database's locale is.

CREATE TABLE account (
    id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    username            text NOT NULL CHECK (username ~ '^[A-Za-z0-9_]{3,50}$'),
    email               text CHECK (length(email) <= 255 AND email ~ '^[!-?A-~]+@[!-?A-~]+$'),
    email_verified_at   timestamptz,
    email_pending       text CHECK (length(email_pending) <= 255 AND email_pending ~ '^[!-?A-~]+@[!-?A-~]+$'),
    password_hash       text CHECK (length(password_hash) BETWEEN 20 AND 255), -- NULL: only others vouch for this one
    password_changed_at timestamptz,
    role                text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin')),
    disabled_at         timestamptz,                            -- set: no token and no key of this account is good
    favorite_team       slug,                                   -- a constructor; no reference: TRUNCATE would follow
    notifications_enabled boolean NOT NULL DEFAULT false,
    time_zone           text NOT NULL DEFAULT 'UTC' CHECK (length(time_zone) BETWEEN 1 AND 64),
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),     -- of what its owner and admins see of it
    last_login_at       timestamptz,
    CHECK (email IS NOT NULL OR email_verified_at IS NULL)
);
CREATE UNIQUE INDEX account_username ON account (lower(username COLLATE "C"));
CREATE UNIQUE INDEX account_email ON account (lower(email COLLATE "C"));
CREATE INDEX account_created ON account (created_at, id);

CREATE FUNCTION account_username_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a username never changes' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER account_username_stays BEFORE UPDATE OF username ON account
    FOR EACH ROW WHEN (OLD.username IS DISTINCT FROM NEW.username) EXECUTE FUNCTION account_username_stays();

-- Who an account is at an external issuer of tokens.
CREATE TABLE account_link (
    issuer      text NOT NULL CHECK (length(issuer) BETWEEN 1 AND 255),
    subject     text NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
    account_id  uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX account_link_account ON account_link (account_id);

-- One login on one device, and all refresh tokens that follow from it.
CREATE TABLE user_session (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id   uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    user_agent   text CHECK (length(user_agent) <= 255),
    address      inet,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL CHECK (expires_at > created_at),
    revoked_at   timestamptz
);
CREATE INDEX user_session_account ON user_session (account_id, last_used_at DESC);
CREATE INDEX user_session_expires ON user_session (expires_at);

-- Each is good for once. The used ones are kept as long as the session: one that comes again was stolen.
CREATE TABLE refresh_token (
    hash        bytea PRIMARY KEY CHECK (length(hash) = 32),
    session_id  uuid NOT NULL REFERENCES user_session ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT now(),
    used_at     timestamptz
);
CREATE UNIQUE INDEX refresh_token_unused ON refresh_token (session_id) WHERE used_at IS NULL;
CREATE INDEX refresh_token_session ON refresh_token (session_id);

-- For programs. The prefix is the part of the key that people may see.
CREATE TABLE api_key (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id   uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    prefix       text NOT NULL CHECK (prefix ~ '^f1b_[A-Za-z0-9_-]{8}$'),
    hash         bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    scopes       text[] NOT NULL CHECK (cardinality(scopes) <= 32   -- as text, an element that is no word is quoted
                     AND scopes::text ~ '^\{([a-z][a-z0-9:._-]{0,39}(,[a-z][a-z0-9:._-]{0,39})*)?\}$'),
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz CHECK (expires_at > created_at),
    last_used_at timestamptz,                                   -- to the minute
    revoked_at   timestamptz
);
CREATE INDEX api_key_account ON api_key (account_id, created_at);

-- Sent by mail and good for once: a new one takes the place of the one before, a used one goes.
CREATE TABLE account_token (
    account_id  uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    purpose     text NOT NULL CHECK (purpose IN ('verify_email', 'reset_password')),
    hash        bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    email       text NOT NULL,                                  -- where it was sent to
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL CHECK (expires_at > created_at),
    PRIMARY KEY (account_id, purpose)
);

-- How logins went, by who it was said to be and where it came from. subject is an account, or the digest of a name that
-- no account has; network is an IPv4 address or an IPv6 /64, or 0.0.0.0/0 for all of them together.
CREATE TABLE login_source (
    subject      uuid NOT NULL,
    network      inet NOT NULL,
    failures     integer NOT NULL DEFAULT 0 CHECK (failures >= 0),  -- since the last success
    failed_at    timestamptz,
    locked_until timestamptz,
    succeeded_at timestamptz,
    PRIMARY KEY (subject, network)
);
CREATE INDEX login_source_age ON login_source (greatest(failed_at, succeeded_at));

CREATE FUNCTION login_source_forget() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM login_source WHERE subject = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER login_source_forget AFTER DELETE ON account FOR EACH ROW EXECUTE FUNCTION login_source_forget();

-- Who changed what. It outlives those it speaks of and cannot be corrected, so it has ids and plain facts only: no
-- names, addresses or secrets.
CREATE TABLE audit_log (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT now(),
    actor_id    uuid,                                           -- the account that did it, if one did
    via         text NOT NULL CHECK (via IN ('nobody', 'token', 'apikey', 'server', 'f1boardctl', 'load')),
    action      text NOT NULL CHECK (action ~ '^[a-z_]+\.[a-z_]+$'),   -- 'account.role'
    object_id   text NOT NULL,                                  -- the account, key, session, race … that was changed
    details     jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(details) = 'object')
);
CREATE INDEX audit_log_object ON audit_log (object_id, id);
CREATE INDEX audit_log_actor ON audit_log (actor_id, id);

CREATE FUNCTION audit_log_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only added to' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_log_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_stays();

-- A classification that was published before and is another one now.
CREATE FUNCTION audit_revision() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO audit_log (via, action, object_id, details)
    SELECT 'load', 'result.change', s.race_id,
           jsonb_build_object('session', s.kind, 'revision', NEW.number, 'source', NEW.source)
    FROM session s WHERE s.id = NEW.session_id;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_revision AFTER INSERT ON revision
    FOR EACH ROW WHEN (NEW.number > 1) EXECUTE FUNCTION audit_revision();

CREATE TABLE mail_outbox (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id  uuid REFERENCES account ON DELETE CASCADE,
    kind        text NOT NULL CHECK (kind ~ '^[a-z_]+$'),
    recipient   text NOT NULL CHECK (length(recipient) <= 255),
    subject     text NOT NULL CHECK (length(subject) BETWEEN 1 AND 200 AND subject !~ '[[:cntrl:]]'),
    body        text,                                           -- gone when sent: it may hold a one-time token
    created_at  timestamptz NOT NULL DEFAULT now(),
    sent_at     timestamptz,
    CHECK ((sent_at IS NULL) = (body IS NOT NULL))
);
CREATE INDEX mail_outbox_waiting ON mail_outbox (id) WHERE sent_at IS NULL;
CREATE INDEX mail_outbox_account ON mail_outbox (account_id);
