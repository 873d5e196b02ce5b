-- summary: Brings back the classification before a correction
-- params: id, note, dry_run, now
SELECT id, known_at, "race.id" AS race, session, revision, source, state, note, diff
FROM correction_undo(:id, :note, :dry_run, :now, NULL, 'f1boardctl')
