-- route: GET /api/v1/audit
-- summary: Who did what, the last first: changes of accounts, roles, keys, settings and results, logins, runs by hand
-- param: action query text(1..80) -- like account.role, or the part before the dot
-- param: actor query uuid -- the account that did it
-- param: object query text(1..100) -- id of what was changed
-- param: via query enum(nobody|token|apikey|server|f1boardctl|load) -- how who did it was known
-- param: from query timestamp -- at this time or later
-- param: until query timestamp -- before this time
-- auth: admin audit:read
-- cache: none
-- result: list
-- schema: details AuditDetails
-- example: /api/v1/audit?action=account&limit=5
-- example: /api/v1/audit?via=f1boardctl&from=2030-01-01&until=2030-07-01
SELECT id, at, actor_id, via, action, object_id, details
FROM audit_log
WHERE (:action::text IS NULL OR action = :action OR split_part(action, '.', 1) = :action)
  AND (:actor::uuid IS NULL OR actor_id = :actor) AND (:object::text IS NULL OR object_id = :object)
  AND (:via::text IS NULL OR via = :via)
  AND (:from::timestamptz IS NULL OR at >= :from) AND (:until::timestamptz IS NULL OR at < :until)
ORDER BY id DESC
