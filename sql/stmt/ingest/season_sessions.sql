-- summary: The sessions of a season with their newest revisions, and what upstream said last
-- params: season, asked_at, now
-- access: read
-- What was learned after asked_at is newer than what upstream answered to who asked then; a time to come was given by a
-- clock that is set back since.
SELECT r.round, r.id AS race_id, s.id AS session_id, s.kind, v.number, coalesce(h.digest, v.digest) AS digest,
       v.row_count, h.session_id IS NOT NULL AS is_held, (v.known_at > :asked_at AND v.known_at <= :now) AS is_newer
FROM race r JOIN session s ON s.race_id = r.id
LEFT JOIN LATERAL (SELECT number, digest, row_count, known_at FROM revision v WHERE v.session_id = s.id
                   ORDER BY number DESC LIMIT 1) v ON true
LEFT JOIN correction_hold h ON h.session_id = s.id
WHERE r.season = :season AND r.round IS NOT NULL
ORDER BY r.round, s.id
