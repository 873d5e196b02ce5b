-- summary: Adds to standings what corrections by hand say, and takes away what they say no more
-- params: season, now
SELECT standings_adjust(:season, :now)
