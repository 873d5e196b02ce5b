DROP FUNCTION local_time(timestamptz, text);
DROP TABLE entry, session, race_alias, race, season_constructor, season_driver, driver, constructor, circuit_fact,
    circuit, season;
DROP FUNCTION race_slug(integer, text);
DROP FUNCTION plain_text(text);
DROP FUNCTION race_alias_keep();
DROP DOMAIN slug;
