-- What is seen of an account, by its owner and by admins, and the arithmetic of failed logins.

CREATE VIEW account_profile AS
SELECT id, username, email, email_verified_at IS NOT NULL AS email_verified, email_pending, role, favorite_team,
       notifications_enabled, time_zone, created_at, updated_at, last_login_at
FROM account;

CREATE VIEW account_overview AS
SELECT p.*, a.disabled_at IS NOT NULL AS disabled, a.password_hash IS NOT NULL AS has_password,
       (SELECT max(s.locked_until) FROM login_source s WHERE s.subject = a.id) AS locked_until
FROM account_profile p JOIN account a ON a.id = p.id;

CREATE FUNCTION is_time_zone(name text) RETURNS boolean LANGUAGE plpgsql STABLE STRICT AS $$
BEGIN
    IF name !~ '^[A-Za-z_]+(/[A-Za-z0-9_+-]+)*$' THEN       -- PostgreSQL knows more notations than browsers do
        RETURN false;
    END IF;
    PERFORM timestamptz '2000-01-01' AT TIME ZONE name;
    RETURN true;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN false;
END $$;

-- As login_source.network has it: who has one IPv6 address has all of its /64.
CREATE FUNCTION login_network(address inet) RETURNS inet LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT CASE family(address) WHEN 6 THEN network(set_masklen(address, 64))::inet
                                ELSE set_masklen(address, 32) END
$$;

-- How long to wait after so many failures in a row. From one network the fifth costs half a minute, each further one
-- twice as much, up to an hour. All networks together have a hundred; then those from which nobody ever logged in wait,
-- a quarter of an hour at most. So guessing ends, and whoever guesses cannot keep the owner out.
CREATE FUNCTION login_delay(network inet, failures integer) RETURNS interval LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT CASE
        WHEN masklen(network) > 0 AND failures >= 5
            THEN least(interval '30 s' * power(2, least(failures - 5, 7)), interval '1 hour')
        WHEN masklen(network) = 0 AND failures >= 100
            THEN least(interval '1 min' * power(2, least(failures - 100, 4)), interval '15 min')
    END
$$;

-- Failures are forgotten after a day, networks where a login went well after ninety.
CREATE INDEX login_source_failed ON login_source (failed_at) WHERE succeeded_at IS NULL;
DROP INDEX login_source_age;
CREATE INDEX login_source_succeeded ON login_source (succeeded_at);
