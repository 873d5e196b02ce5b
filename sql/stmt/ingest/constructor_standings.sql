-- summary: Constructor standings after some rounds in place of those there were
-- params: season, rounds, rows, source, now
WITH place AS (
    SELECT r.id, r.round FROM json_array_elements_text(:rounds::json) AS n
    JOIN race r ON r.season = :season AND r.round = n::integer),
incoming AS (
    SELECT p.id AS race_id, i.line, i.id AS constructor_id, i.position, i.position_text, i.points, i.wins,
           coalesce(i.source, :source) AS source
    FROM json_to_recordset(:rows::json) AS i (round integer, line integer, id text, position integer,
                                              position_text text, points numeric, wins integer,
                                              source text)
    JOIN place p ON p.round = i.round),
gone AS (
    DELETE FROM constructor_standing s USING place p
    WHERE s.race_id = p.id
      AND NOT EXISTS (SELECT FROM incoming i WHERE i.race_id = s.race_id AND i.constructor_id = s.constructor_id)
    RETURNING s.*),
past AS (
    INSERT INTO constructor_standing_past SELECT g.*, :now FROM gone g WHERE g.known_at < :now),
written AS (
    INSERT INTO constructor_standing AS s (season, race_id, line, constructor_id, position, position_text, points, wins,
                                   source, known_at)
    SELECT :season::integer, i.race_id, i.line, i.constructor_id, i.position, i.position_text, i.points,
           i.wins, i.source, :now
    FROM incoming i
    LEFT JOIN constructor_standing a ON a.race_id = i.race_id AND a.constructor_id = i.constructor_id
    LEFT JOIN LATERAL jsonb_populate_record(a, a.stated) AS o ON a.race_id IS NOT NULL  -- as upstream stated it
    WHERE o.race_id IS NULL
       OR (i.line, i.position, i.position_text, i.points, i.wins)
          IS DISTINCT FROM (o.line, o.position, o.position_text, o.points, o.wins)
    ON CONFLICT (race_id, constructor_id) DO UPDATE SET line = excluded.line, position = excluded.position,
        position_text = excluded.position_text, points = excluded.points, wins = excluded.wins,
        source = excluded.source,
        known_at = excluded.known_at, stated = NULL
    RETURNING s.xmax = 0 AS is_new)
SELECT (SELECT count(*) FROM written WHERE is_new) AS inserted,
       (SELECT count(*) FROM written WHERE NOT is_new) AS changed, (SELECT count(*) FROM gone) AS removed
