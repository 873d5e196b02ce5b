-- summary: Which of these users, by their places from 1 on, do not count any more
-- params: users, roles, sessions, keys, now
-- access: read
-- Of what is NULL nothing is asked.
SELECT w.place
FROM unnest(:users::uuid[], :roles::text[], :sessions::uuid[], :keys::uuid[])
    WITH ORDINALITY AS w (user_id, role, session_id, key_id, place)
WHERE NOT EXISTS (SELECT FROM account a
                  WHERE a.id = w.user_id AND a.disabled_at IS NULL AND a.role = coalesce(w.role, a.role))
   OR (w.session_id IS NOT NULL AND NOT EXISTS (
       SELECT FROM user_session s
       WHERE s.id = w.session_id AND s.account_id = w.user_id AND s.revoked_at IS NULL
         AND s.expires_at > :now::timestamptz))
   OR (w.key_id IS NOT NULL AND NOT EXISTS (
       SELECT FROM api_key k
       WHERE k.id = w.key_id AND k.account_id = w.user_id AND k.revoked_at IS NULL
         AND (k.expires_at IS NULL OR k.expires_at > :now)))
