-- summary: Deletes an account and all that belongs to it
-- params: account_id, now, actor, via
WITH gone AS (
    DELETE FROM account WHERE id = :account_id RETURNING id
), audited AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id)
    SELECT :now::timestamptz, :actor::uuid, :via, 'account.erase', id FROM gone
)
SELECT id FROM gone
