-- summary: Brings the drivers' career figures up to date while others read the old ones
REFRESH MATERIALIZED VIEW CONCURRENTLY driver_rankings
