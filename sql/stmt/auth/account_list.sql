-- summary: All accounts
-- access: read
SELECT * FROM account_overview ORDER BY username
