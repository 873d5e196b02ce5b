-- summary: Tells which races were called off, revived, renumbered or moved since their calendar was what former says
-- params: season, former, now
INSERT INTO event (kind, race_id, at, payload)
SELECT e.kind, o.id, :now, e.payload
FROM jsonb_each(:former::jsonb) AS o (id, race)
JOIN jsonb_each(calendar_state(:season)) AS n (id, race) USING (id)
CROSS JOIN calendar_moves(o.race, n.race) AS moves
CROSS JOIN LATERAL (SELECT (o.race -> 'is_cancelled')::boolean AS was_off, (n.race -> 'is_cancelled')::boolean AS is_off,
                           jsonb_build_object('old', o.race -> 'round', 'new', n.race -> 'round') AS rounds) AS f
CROSS JOIN LATERAL (VALUES
    ('race_cancelled', NOT was_off AND is_off, jsonb_build_object('round', rounds)),
    ('race_revived', was_off AND NOT is_off, jsonb_build_object('round', rounds) || moves),
    ('race_renumbered', NOT was_off AND NOT is_off AND o.race -> 'round' <> n.race -> 'round',
     jsonb_build_object('round', rounds)),
    ('race_moved', NOT was_off AND NOT is_off AND moves <> '{}', moves)) AS e (kind, is_so, payload)
WHERE e.is_so
ORDER BY n.race ->> 'date', o.id, e.kind
