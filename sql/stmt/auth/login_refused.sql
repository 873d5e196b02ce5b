-- summary: Notes that somebody knew the password of a disabled account
-- params: account_id, now, via
INSERT INTO audit_log (at, via, action, object_id, details)
VALUES (:now, :via, 'login.refused', :account_id::uuid, '{"reason": "disabled"}')
