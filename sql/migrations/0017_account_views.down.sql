DROP INDEX login_source_succeeded;
CREATE INDEX login_source_age ON login_source (greatest(failed_at, succeeded_at));
DROP INDEX login_source_failed;
DROP FUNCTION login_delay;
DROP FUNCTION login_network;
DROP FUNCTION is_time_zone;
DROP VIEW account_overview;
DROP VIEW account_profile;
