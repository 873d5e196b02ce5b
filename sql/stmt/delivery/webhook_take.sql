-- summary: The oldest delivery to a webhook that nobody is sending to
-- params: lease, lease_ms
WITH due AS (
    SELECT d.id, d.webhook_id FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook_id
    WHERE d.state = 'waiting' AND w.is_active AND w.next_at <= clock_timestamp()
      AND (w.lease_until IS NULL OR w.lease_until < clock_timestamp())
    ORDER BY d.id LIMIT 1 FOR UPDATE SKIP LOCKED),
taken AS (
    UPDATE webhook w SET lease = :lease, lease_until = clock_timestamp() + :lease_ms::bigint * interval '1 ms'
    FROM due WHERE w.id = due.webhook_id
    RETURNING w.id, w.url, w.secret, w.failures)
SELECT d.id, t.id AS webhook, t.url, encode(t.secret, 'base64') AS secret, t.failures, d.attempts,
    jsonb_build_object('type', d.kind, 'timestamp', d.created_at, 'data', d.payload)::text AS body
FROM taken t JOIN due ON due.webhook_id = t.id JOIN webhook_delivery d ON d.id = due.id
