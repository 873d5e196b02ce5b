-- route: GET /api/v1/audit
-- summary: Who changed what, the last first
-- param: action query text(1..80) -- like account.role, or the part before the dot
-- param: actor query uuid -- the account that did it
-- param: object query text(1..100) -- id of what was changed
-- auth: admin
-- cache: none
-- result: list
-- schema: details AuditDetails
-- example: /api/v1/audit?action=account&limit=5
SELECT id, at, actor_id, via, action, object_id, details
FROM audit_log
WHERE (:action::text IS NULL OR action = :action OR split_part(action, '.', 1) = :action)
  AND (:actor::uuid IS NULL OR actor_id = :actor) AND (:object::text IS NULL OR object_id = :object)
ORDER BY id DESC
