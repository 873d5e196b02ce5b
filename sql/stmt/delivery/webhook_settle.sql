-- summary: Notes how a delivery went; a webhook that failed too often in a row, or is gone, is turned off
-- params: delivery, webhook, lease, state, tried, status, error, pause_ms, is_gone, most_failures, now
-- The webhook first: whoever turned it off meanwhile has been told by that.
WITH former AS (
    SELECT id, is_active FROM webhook WHERE id = :webhook AND lease = :lease FOR UPDATE),
freed AS (
    UPDATE webhook w SET lease = NULL, lease_until = NULL,
        failures = CASE WHEN :state = 'delivered' THEN 0 ELSE w.failures + :tried::boolean::integer END,
        delivered_at = CASE WHEN :state = 'delivered' THEN :now::timestamptz ELSE w.delivered_at END,
        next_at = clock_timestamp() + :pause_ms::bigint * interval '1 ms',
        is_active = w.is_active AND (:state = 'delivered' OR NOT :is_gone::boolean
                                     AND w.failures + :tried::boolean::integer < :most_failures::integer)
    FROM former f WHERE w.id = f.id
    RETURNING w.id, w.account_id, w.url, f.is_active AND NOT w.is_active AS turned_off),
told AS (
    UPDATE webhook_delivery d SET
        state = CASE WHEN f.turned_off AND :state = 'waiting' THEN 'failed' ELSE :state END,
        attempts = d.attempts + :tried::boolean::integer, attempted_at = clock_timestamp(),
        status = :status, error = :error
    FROM freed f WHERE d.id = :delivery AND d.state = 'waiting'),
dropped AS (
    UPDATE webhook_delivery d SET state = 'failed', attempted_at = clock_timestamp(),
        error = 'the webhook was turned off'
    FROM freed f WHERE f.turned_off AND d.webhook_id = f.id AND d.state = 'waiting' AND d.id <> :delivery)
INSERT INTO notification (account_id, kind, subject, title, text, link, in_app, by_mail, by_webhook, created_at)
SELECT account_id, 'account', 'webhook ' || id || ' ' || :delivery, 'A webhook was turned off',
       'Your webhook ' || url || ' took nothing any more, and was turned off. Turn it on again when it is well.',
       '/api/v1/me/webhooks/' || id, true, false, false, :now
FROM freed WHERE turned_off
ON CONFLICT DO NOTHING
