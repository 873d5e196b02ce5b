-- summary: Whether nobody else is at work on a request with this key; until the transaction ends
-- params: key_hash
SELECT pg_try_advisory_xact_lock(('x' || left(:key_hash::text, 16))::bit(64)::bigint) AS locked
