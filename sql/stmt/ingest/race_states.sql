-- summary: Races with results are completed, the others are not
-- params: season
UPDATE race r SET status = n.status
FROM (SELECT r.id, CASE WHEN EXISTS (SELECT FROM session s JOIN result x ON x.season = s.season AND x.session_id = s.id
                                     WHERE s.race_id = r.id AND s.kind = 'race' AND x.current)
                        THEN 'completed' ELSE 'scheduled' END AS status
      FROM race r WHERE r.season = :season AND r.status <> 'cancelled') n
WHERE n.id = r.id AND n.status <> r.status
