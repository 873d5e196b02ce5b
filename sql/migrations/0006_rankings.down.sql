DROP MATERIALIZED VIEW driver_rankings;
DROP VIEW current_result;
DROP TABLE constructor_rating, driver_rating;
