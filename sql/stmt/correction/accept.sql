-- summary: Gives a correction by hand up for what upstream says
-- params: id, note, dry_run, now
SELECT id, known_at, "race.id" AS race, session, revision, source, state, note, diff
FROM correction_accept(:id, :note, :dry_run, :now, NULL, 'f1boardctl')
