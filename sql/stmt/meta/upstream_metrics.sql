-- summary: How much of each upstream's hourly allowance is used
-- access: read
SELECT u.name AS upstream, count(r.at) AS last_hour
FROM upstream u LEFT JOIN upstream_request r ON r.upstream = u.name AND r.at > clock_timestamp() - interval '1 hour'
GROUP BY 1
ORDER BY 1
