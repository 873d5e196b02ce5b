-- summary: What an owner changes of an account; a new address waits until it is confirmed; one mail in a minute asks
-- params: account_id, team_given, team, notifications, time_zone, email, token_hash, subject, body, now, actor, via, key
WITH former AS (
    SELECT * FROM account WHERE id = :account_id FOR UPDATE
), latter AS (
    SELECT id, CASE WHEN :team_given::boolean THEN :team::text ELSE favorite_team END AS favorite_team,
           coalesce(:notifications, notifications_enabled) AS notifications_enabled,
           coalesce(:time_zone, time_zone) AS time_zone, coalesce(:email, email_pending) AS email_pending
    FROM former
), difference AS (
    SELECT id, array_remove(ARRAY[
        CASE WHEN f.favorite_team::text IS DISTINCT FROM l.favorite_team THEN 'favorite_team' END,
        CASE WHEN f.notifications_enabled <> l.notifications_enabled THEN 'notifications_enabled' END,
        CASE WHEN f.time_zone <> l.time_zone THEN 'time_zone' END,
        CASE WHEN f.email_pending IS DISTINCT FROM l.email_pending THEN 'email_pending' END], NULL) AS names
    FROM former f JOIN latter l USING (id)
), changed AS (
    UPDATE account a
    SET favorite_team = l.favorite_team, notifications_enabled = l.notifications_enabled, time_zone = l.time_zone,
        email_pending = l.email_pending, updated_at = :now::timestamptz
    FROM latter l JOIN difference d USING (id)
    WHERE a.id = l.id AND d.names <> '{}'
    RETURNING a.id, d.names
), token AS (
    INSERT INTO account_token AS t (account_id, purpose, hash, email, created_at, expires_at)
    SELECT id, 'verify_email', decode(:token_hash, 'hex'), :email, :now, :now + interval '1 day' FROM former
    WHERE :email IS NOT NULL
    ON CONFLICT (account_id, purpose) DO UPDATE
    SET hash = excluded.hash, email = excluded.email, created_at = excluded.created_at, expires_at = excluded.expires_at
    WHERE t.created_at <= excluded.created_at - interval '1 minute'
    RETURNING account_id, email, expires_at
), told AS (
    INSERT INTO mail_outbox (account_id, kind, recipient, subject, body, created_at, expires_at)
    SELECT account_id, 'verify_email', email, :subject, :body, :now, expires_at FROM token
), audited AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
    SELECT :now, :actor::uuid, :via, 'account.update', id,
           jsonb_strip_nulls(jsonb_build_object('changed', names, 'key', :key::uuid))
    FROM changed
)
SELECT id FROM former
