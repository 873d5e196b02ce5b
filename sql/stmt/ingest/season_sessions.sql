-- summary: The sessions of a season, each with its newest revision
-- params: season
-- access: read
SELECT r.round, r.id AS race_id, s.id AS session_id, s.kind, v.number, v.digest, v.row_count
FROM race r JOIN session s ON s.race_id = r.id
LEFT JOIN LATERAL (SELECT number, digest, row_count FROM revision v WHERE v.session_id = s.id
                   ORDER BY number DESC LIMIT 1) v ON true
WHERE r.season = :season AND r.round IS NOT NULL
ORDER BY r.round, s.id
