-- summary: No more mail of the kind that a link was in
-- params: token
WITH asked AS (
    SELECT m.account_id, k.kind, k.summary
    FROM mail_outbox m JOIN notification_kind k USING (kind)
    WHERE m.unsubscribe_hash = sha256(lower(:token)::bytea)),
noted AS (
    INSERT INTO notification_preference (account_id, kind, mail) SELECT account_id, kind, false FROM asked
    ON CONFLICT (account_id, kind) DO UPDATE SET mail = false)
SELECT kind, summary FROM asked
