-- summary: Books the next request to an upstream within its limits
-- params: upstream, counts, seconds, max_wait
SELECT wait, by_limit, booked FROM upstream_reserve(:upstream, :counts, :seconds, :max_wait)
