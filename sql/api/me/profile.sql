-- route: GET /api/v1/me
-- summary: Who asks
-- auth: apikey profile:read
-- cache: none
-- result: one
-- noun: user
-- example: /api/v1/me
SELECT * FROM account_profile WHERE id = :me
