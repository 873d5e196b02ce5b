-- summary: The same password by a better hash
-- params: account_id, password_hash, former_hash
UPDATE account SET password_hash = :password_hash WHERE id = :account_id AND password_hash = :former_hash
