-- summary: Every session there is or was in a season (absent: the clock's), for a calendar; a row at least if it exists
-- params: season, kinds, now
-- access: read
SELECT y.year, r.id AS race_id, r.name, r.round, r.url, c.kind, c.date, utc_text(c.starts_at) AS starts_at, c.sequence,
       utc_text(c.changed_at) AS changed_at, c.removed OR r.status = 'cancelled' AS cancelled,
       i.name AS circuit, i.locality, i.country, i.latitude, i.longitude
FROM season y
LEFT JOIN (race r JOIN circuit i ON i.id = r.circuit_id
           JOIN calendar_session c ON c.race_id = r.id AND (c.kind = ANY (string_to_array(:kinds, ',')) OR :kinds IS NULL))
    ON r.season = y.year
WHERE y.year = coalesce(:season::integer, (SELECT season FROM next_race(:now::timestamptz)),
                        (SELECT season FROM last_race(:now::timestamptz)))
ORDER BY c.date, c.starts_at, r.id, c.kind
