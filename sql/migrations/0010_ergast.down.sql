DROP FUNCTION ergast_find(text, integer, integer, text, text, text, integer, integer, integer, integer);
DROP VIEW ergast_line, ergast_session, ergast_race;
DROP FUNCTION ergast_degrees(numeric);
DROP FUNCTION ergast_order(text);
DROP TABLE ergast_status;
ALTER TABLE session DROP COLUMN is_planned;
