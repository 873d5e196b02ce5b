-- summary: Counts a failed login for its network and for all of them together; notes those of an account
-- params: subject, now, actor, via, address
-- However many there are the audit log has few lines: of all networks together the first failure, the second, the
-- fourth and so on, and each beginning of a wait.
WITH swept AS (
    DELETE FROM login_source WHERE (subject, network) IN (
        SELECT subject, network FROM login_source
        WHERE succeeded_at IS NULL AND failed_at < :now::timestamptz - interval '1 day' AND subject <> :subject::uuid
        ORDER BY failed_at LIMIT 100 FOR UPDATE SKIP LOCKED)
), counted AS (
    INSERT INTO login_source AS s (subject, network, failures, failed_at)
    SELECT :subject, network, 1, :now
    FROM unnest(ARRAY[inet '0.0.0.0/0', login_network(:address::inet)]) AS network WHERE network IS NOT NULL
    ON CONFLICT (subject, network) DO UPDATE
    SET failures = CASE WHEN s.failed_at > excluded.failed_at - interval '1 day' THEN s.failures + 1 ELSE 1 END,
        failed_at = excluded.failed_at,
        locked_until = CASE WHEN s.failed_at > excluded.failed_at - interval '1 day'
                            THEN excluded.failed_at + login_delay(s.network, s.failures + 1) END
    RETURNING subject, failures, masklen(network) = 0 AS is_every, login_delay(network, failures) AS delay,
              login_delay(network, failures - 1) AS former_delay
)
INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
SELECT :now, :actor::uuid, :via, n.action, a.id,
       jsonb_build_object('failures', c.failures) ||
       CASE n.action WHEN 'login.lockout' THEN
           jsonb_build_object('seconds', extract(epoch FROM c.delay)::integer, 'everywhere', c.is_every)
       ELSE '{}' END
FROM counted c JOIN account a ON a.id = c.subject
CROSS JOIN (VALUES ('login.failure'), ('login.lockout')) AS n (action)
WHERE CASE n.action WHEN 'login.failure' THEN c.is_every AND c.failures & (c.failures - 1) = 0
                    ELSE c.delay IS NOT NULL AND c.former_delay IS NULL END
