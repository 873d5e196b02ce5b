-- summary: Corrects a classification by hand
-- params: race, session, changes, note, dry_run, now
SELECT id, known_at, "race.id" AS race, session, revision, source, state, note, diff
FROM correction_apply(:race, :session, :changes, :note, :dry_run, :now, NULL, 'f1boardctl')
