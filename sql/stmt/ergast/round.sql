-- summary: The round of a season that is the last with results, or the next, after the finale the next season's first
-- params: season, which, now
-- access: read
SELECT CASE WHEN :which = 'next' AND n.next IS NULL THEN :season::integer + 1 ELSE :season END AS season,
       CASE WHEN :which = 'next' THEN coalesce(n.next, 1)
            WHEN n.next IS NULL THEN n.last
            ELSE greatest(n.next - 1, 1) END AS round
FROM (SELECT min(r.round) FILTER (WHERE r.status = 'scheduled'
                                     OR coalesce(s.starts_at, r.date) > :now) AS next,
             max(r.round) AS last
      FROM race r
      LEFT JOIN session s ON s.race_id = r.id AND s.kind = 'race'
      WHERE r.season = :season AND r.status <> 'cancelled') AS n
