-- summary: Brings the constructors' career figures up to date while others read the old ones
REFRESH MATERIALIZED VIEW CONCURRENTLY constructor_rankings
