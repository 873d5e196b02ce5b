-- summary: Counts a failed login for its network and for all of them together
-- params: subject, now, address
WITH swept AS (
    DELETE FROM login_source WHERE (subject, network) IN (
        SELECT subject, network FROM login_source
        WHERE succeeded_at IS NULL AND failed_at < :now::timestamptz - interval '1 day' AND subject <> :subject::uuid
        ORDER BY failed_at LIMIT 100 FOR UPDATE SKIP LOCKED)
)
INSERT INTO login_source AS s (subject, network, failures, failed_at)
SELECT :subject, network, 1, :now
FROM unnest(ARRAY[inet '0.0.0.0/0', login_network(:address::inet)]) AS network WHERE network IS NOT NULL
ON CONFLICT (subject, network) DO UPDATE
SET failures = CASE WHEN s.failed_at > excluded.failed_at - interval '1 day' THEN s.failures + 1 ELSE 1 END,
    failed_at = excluded.failed_at,
    locked_until = CASE WHEN s.failed_at > excluded.failed_at - interval '1 day'
                        THEN excluded.failed_at + login_delay(s.network, s.failures + 1) END
