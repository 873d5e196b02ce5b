-- summary: An account as its owner sees it
-- params: account_id
-- access: read
SELECT * FROM account_profile WHERE id = :account_id
