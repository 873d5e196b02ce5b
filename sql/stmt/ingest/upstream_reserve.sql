-- summary: Books the next request to an upstream within its limits
-- params: upstream, per_second, per_hour, max_wait
SELECT wait, by_hour, booked FROM upstream_reserve(:upstream, :per_second, :per_hour, :max_wait)
