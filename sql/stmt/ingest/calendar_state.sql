-- summary: The season's calendar before it is loaded
-- params: season
-- access: read
SELECT calendar_state(:season)
