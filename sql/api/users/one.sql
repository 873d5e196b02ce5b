-- route: GET /api/v1/users/{user_id}
-- summary: An account
-- param: user_id path uuid
-- auth: admin
-- cache: none
-- result: one
-- noun: user
-- example: /api/v1/users/123e4567-e89b-12d3-a456-426614174000
SELECT * FROM account_overview WHERE id = :user_id
