-- summary: Whose password is asked for, by name, address or id, and how many seconds there are to wait
-- params: login, account_id, now, address
-- access: read
-- decoy is whose hash is computed where there is none to compare with: always the same one's for a name, and of each
-- kind and cost as many as accounts have it, so that no name stands out by its time.
WITH found AS (
    SELECT * FROM account
    WHERE lower(username COLLATE "C") = lower(:login COLLATE "C")
       OR lower(email COLLATE "C") = lower(:login COLLATE "C")
       OR id = :account_id
), who AS (
    SELECT coalesce((SELECT id FROM found), md5(lower(:login COLLATE "C"))::uuid) AS subject
)
SELECT w.subject, f.id, f.username, f.role, f.password_hash, f.disabled_at IS NOT NULL AS disabled,
       ceil(extract(epoch FROM greatest(own.locked_until,
                                        CASE WHEN own.succeeded_at IS NULL THEN every.locked_until END)
                               - :now::timestamptz))::integer AS wait,
       coalesce((SELECT password_hash FROM account WHERE id > w.subject AND password_hash IS NOT NULL
                 ORDER BY id LIMIT 1),
                (SELECT password_hash FROM account WHERE password_hash IS NOT NULL ORDER BY id LIMIT 1)) AS decoy
FROM who w
LEFT JOIN found f ON true
LEFT JOIN login_source own ON own.subject = w.subject AND own.network = login_network(:address::inet)
LEFT JOIN login_source every ON every.subject = w.subject AND every.network = '0.0.0.0/0'
