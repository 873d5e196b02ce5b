-- summary: Which round's session is to be looked at, and whether it has begun by now
-- params: session, now
-- access: read
SELECT r.season, r.round, s.kind, session_begin(s.starts_at, s.date) <= :now AS has_begun
FROM session s JOIN race r ON r.id = s.race_id
WHERE s.id = :session AND r.round IS NOT NULL AND r.status <> 'cancelled'
