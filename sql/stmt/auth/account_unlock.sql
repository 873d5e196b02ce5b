-- summary: Forgets an account's failed logins
-- params: account_id, now, actor, via
WITH who AS (
    SELECT id FROM account WHERE id = :account_id
), unlocked AS (
    UPDATE login_source s SET failures = 0, failed_at = NULL, locked_until = NULL FROM who
    WHERE s.subject = who.id AND s.succeeded_at IS NOT NULL
), forgotten AS (
    DELETE FROM login_source s USING who WHERE s.subject = who.id AND s.succeeded_at IS NULL
), audited AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id)
    SELECT :now::timestamptz, :actor::uuid, :via, 'account.unlock', id FROM who
)
SELECT id FROM who
