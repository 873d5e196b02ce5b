DROP VIEW ergast_driver;
ALTER TABLE driver DROP COLUMN ergast_id;
