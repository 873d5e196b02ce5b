-- summary: Whether a session is run within the week, or was within the last days
-- params: now
-- access: read
SELECT FROM session s JOIN race r ON r.id = s.race_id
WHERE r.status <> 'cancelled' AND s.date BETWEEN :now::timestamptz::date - 2 AND :now::timestamptz::date + 7 LIMIT 1
