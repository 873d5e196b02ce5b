-- summary: Takes a refresh token and gives the session its next one; a token that was used before ends the session
-- params: token_hash, next_hash, expires_at, now, address
WITH found AS (
    SELECT t.hash, t.used_at, s.id AS session_id, s.account_id, s.revoked_at,
           s.expires_at <= :now::timestamptz AS expired, a.username, a.role, a.disabled_at
    FROM refresh_token t JOIN user_session s ON s.id = t.session_id JOIN account a ON a.id = s.account_id
    WHERE t.hash = decode(:token_hash, 'hex')
), used AS (
    UPDATE refresh_token t SET used_at = :now FROM found f
    WHERE t.hash = f.hash AND t.used_at IS NULL AND f.revoked_at IS NULL AND NOT f.expired AND f.disabled_at IS NULL
    RETURNING t.session_id
), next AS (
    INSERT INTO refresh_token (hash, session_id, created_at)
    SELECT decode(:next_hash, 'hex'), session_id, :now FROM used
), extended AS (
    UPDATE user_session s
    SET last_used_at = :now, expires_at = :expires_at, address = coalesce(:address::inet, s.address)
    FROM used u WHERE s.id = u.session_id
), ended AS (
    UPDATE user_session s SET revoked_at = :now FROM found f
    WHERE s.id = f.session_id AND f.used_at IS NOT NULL AND s.revoked_at IS NULL
    RETURNING s.id, s.account_id
), audited AS (
    INSERT INTO audit_log (at, via, action, object_id, details)
    SELECT :now, 'nobody', 'session.revoke', id, jsonb_build_object('account', account_id, 'reason', 'reuse') FROM ended
)
SELECT f.session_id, f.account_id, f.username, f.role, f.used_at IS NOT NULL AS reused,
       f.revoked_at IS NOT NULL AS revoked, f.expired, f.disabled_at IS NOT NULL AS disabled,
       EXISTS (SELECT FROM used) AS refreshed
FROM found f
