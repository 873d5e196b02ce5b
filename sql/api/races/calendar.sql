-- route: GET /api/v1/races/calendar
-- summary: A season's calendar with all sessions; without season, the one of the next or else the last race
-- param: season query integer(1950..2199) optional
-- param: year query integer(1950..2199) optional -- another name for season
-- auth: public
-- cache: schedule weather 24h
-- result: list
-- schema: id Slug
-- schema: season Season
-- schema: sessions RaceSessions
-- example: /api/v1/races/calendar?limit=2
-- example: /api/v1/races/calendar?year=2028&limit=1
SELECT i.* FROM race_detail i
WHERE i.season = coalesce(:season, :year, (SELECT season FROM next_race(:now)), (SELECT season FROM last_race(:now)))
ORDER BY i.date, i.round, i.id
