-- summary: The newest corrections, of a season, a race, or those that upstream does not agree with
-- params: season, race, only_held
-- access: read
SELECT id, known_at, "race.id" AS race, session, revision, source, state, note, diff FROM correction
WHERE ("race.season" = :season::integer OR :season IS NULL) AND ("race.id" = :race::text OR :race IS NULL)
  AND (state IN ('held', 'conflict') OR NOT :only_held::boolean)
ORDER BY known_at DESC, id DESC LIMIT 50
