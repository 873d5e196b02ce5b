DROP TRIGGER calendar_keep_race ON race;
DROP TRIGGER calendar_keep ON session;
DROP FUNCTION calendar_keep_race();
DROP FUNCTION calendar_keep();
DROP TABLE calendar_session;
