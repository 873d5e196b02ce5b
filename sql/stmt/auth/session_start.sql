-- summary: A session for an account whose password still is the one that was checked; sweeps those long over
-- params: account_id, password_hash, token_hash, expires_at, now, via, address, user_agent
WITH who AS (
    UPDATE account SET last_login_at = :now::timestamptz
    WHERE id = :account_id AND password_hash IS NOT DISTINCT FROM :password_hash AND disabled_at IS NULL
    RETURNING id
), started AS (
    INSERT INTO user_session (account_id, user_agent, address, created_at, last_used_at, expires_at)
    SELECT id, left(:user_agent, 255), :address::inet, :now, :now, :expires_at FROM who
    RETURNING id
), token AS (
    INSERT INTO refresh_token (hash, session_id, created_at) SELECT decode(:token_hash, 'hex'), id, :now FROM started
), source AS (
    INSERT INTO login_source AS s (subject, network, succeeded_at)
    SELECT id, login_network(:address::inet), :now FROM who WHERE :address IS NOT NULL
    ON CONFLICT (subject, network) DO UPDATE
    SET failures = 0, failed_at = NULL, locked_until = NULL, succeeded_at = excluded.succeeded_at
), audited AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
    SELECT :now, w.id, :via, 'login.success', w.id, jsonb_build_object('session', s.id) FROM who w, started s
), swept AS (
    DELETE FROM user_session WHERE id IN (
        SELECT id FROM user_session WHERE expires_at < :now - interval '7 days'
        ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED)
), swept_sources AS (
    DELETE FROM login_source WHERE (subject, network) IN (
        SELECT subject, network FROM login_source
        WHERE succeeded_at < :now - interval '90 days' AND subject <> :account_id
        ORDER BY succeeded_at LIMIT 100 FOR UPDATE SKIP LOCKED)
)
SELECT id FROM started
