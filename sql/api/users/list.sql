-- route: GET /api/v1/users
-- summary: All accounts by their names
-- param: q query text(1..255) -- a part of the username or e-mail address
-- param: role query enum(user|admin)
-- param: disabled query boolean
-- auth: admin
-- cache: none
-- result: list
-- example: /api/v1/users?role=admin
SELECT * FROM account_overview
WHERE (:q::text IS NULL OR strpos(lower(username COLLATE "C"), lower(:q COLLATE "C")) > 0
                        OR strpos(lower(email COLLATE "C"), lower(:q COLLATE "C")) > 0)
  AND (role = :role OR :role IS NULL) AND (disabled = :disabled OR :disabled IS NULL)
ORDER BY lower(username COLLATE "C")
