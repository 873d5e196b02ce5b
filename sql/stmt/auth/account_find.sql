-- summary: An account as admins see it, by its id, name or address
-- params: who
-- access: read
SELECT o.*
FROM account a JOIN account_overview o ON o.id = a.id
WHERE a.id::text = lower(:who) OR lower(a.username COLLATE "C") = lower(:who COLLATE "C")
   OR lower(a.email COLLATE "C") = lower(:who COLLATE "C")
