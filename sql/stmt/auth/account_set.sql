-- summary: What admins change of an account: its role, and whether it may be used; disabling ends its sessions
-- params: account_id, role, disabled, now, actor, via
WITH former AS (
    SELECT id, role, disabled_at FROM account WHERE id = :account_id FOR UPDATE
), changed AS (
    UPDATE account a
    SET role = coalesce(:role, f.role), updated_at = :now::timestamptz,
        disabled_at = CASE coalesce(:disabled, f.disabled_at IS NOT NULL)
                      WHEN true THEN coalesce(f.disabled_at, :now) END
    FROM former f
    WHERE a.id = f.id AND (:role <> f.role OR :disabled <> (f.disabled_at IS NOT NULL))
    RETURNING a.id, a.role, f.role AS former_role, a.disabled_at IS NOT NULL AS disabled,
              f.disabled_at IS NOT NULL AS former_disabled
), ended AS (
    UPDATE user_session s SET revoked_at = :now FROM changed c
    WHERE s.account_id = c.id AND c.disabled AND s.revoked_at IS NULL
), audited AS (
    INSERT INTO audit_log (at, actor_id, via, action, object_id, details)
    SELECT :now, :actor::uuid, :via, 'account.role', id, jsonb_build_object('from', former_role, 'to', role)
    FROM changed WHERE role <> former_role
    UNION ALL
    SELECT :now, :actor::uuid, :via, CASE WHEN disabled THEN 'account.disable' ELSE 'account.enable' END, id, '{}'
    FROM changed WHERE disabled <> former_disabled
)
SELECT id FROM former
