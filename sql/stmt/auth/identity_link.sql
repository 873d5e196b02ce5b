-- summary: The user whom another issuer, or httpd itself, knows by this name
-- params: issuer, subject
-- access: read
SELECT a.id, a.username, a.role, a.disabled_at IS NOT NULL AS disabled
FROM account_link l JOIN account a ON a.id = l.account_id
WHERE l.issuer = :issuer AND l.subject = :subject
