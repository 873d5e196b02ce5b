-- summary: Whose password a token may reset
-- params: token_hash, now
-- access: read
SELECT a.id, a.username, a.password_hash
FROM account_token t JOIN account a ON a.id = t.account_id
WHERE t.hash = decode(:token_hash, 'hex') AND t.purpose = 'reset_password' AND t.expires_at > :now::timestamptz
  AND a.disabled_at IS NULL
