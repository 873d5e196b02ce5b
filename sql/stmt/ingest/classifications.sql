-- summary: New revisions of sessions of a season with their lines; counts those of sessions that had one before
-- params: season, revisions, lines, now, source, run
SELECT inserted, changed, removed
FROM classification_put(:season, :revisions, :lines, :now, :source, :run, NULL, true)
