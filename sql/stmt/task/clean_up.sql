-- summary: Forgets what nobody needs any more
-- params: keep_ms, now
WITH jobs AS (
    DELETE FROM job WHERE finished_at < clock_timestamp() - :keep_ms::bigint * interval '1 ms' RETURNING 1),
sessions AS (DELETE FROM user_session WHERE expires_at < :now::timestamptz - interval '30 days' RETURNING 1),
replays AS (DELETE FROM request_replay WHERE answered_at < now() - interval '24 h' RETURNING 1),
tokens AS (DELETE FROM account_token WHERE expires_at < :now RETURNING 1),
sources AS (
    DELETE FROM login_source WHERE (locked_until IS NULL OR locked_until < :now)
    AND greatest(failed_at, succeeded_at)
        < :now - CASE WHEN succeeded_at IS NULL THEN interval '1 day' ELSE interval '90 days' END RETURNING 1),
notifications AS (
    DELETE FROM notification WHERE created_at < :now::timestamptz - interval '30 days'
    AND (NOT in_app OR read_at < :now::timestamptz - interval '30 days'
         OR created_at < :now::timestamptz - interval '1 year') RETURNING 1),
mails AS (
    DELETE FROM mail_outbox WHERE state IN ('sent', 'failed', 'uncertain')
    AND created_at < :now::timestamptz - CASE state WHEN 'sent' THEN interval '1 year' ELSE interval '30 days' END
    RETURNING 1),
deliveries AS (
    DELETE FROM webhook_delivery WHERE state <> 'waiting' AND attempted_at < now() - interval '30 days' RETURNING 1)
SELECT (SELECT count(*) FROM jobs) AS jobs, (SELECT count(*) FROM sessions) AS sessions,
    (SELECT count(*) FROM replays) AS replays, (SELECT count(*) FROM tokens) AS tokens,
    (SELECT count(*) FROM sources) AS login_sources, (SELECT count(*) FROM notifications) AS notifications,
    (SELECT count(*) FROM mails) AS mails, (SELECT count(*) FROM deliveries) AS deliveries
