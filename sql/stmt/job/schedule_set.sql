-- summary: What configuration says of schedules: off, on, or another period; what it does not name is as it was made
-- params: names, settings
-- Returns what is another way now. Whoever says the same a moment later changes nothing.
UPDATE schedule s SET
    is_off = w.is_off, period = coalesce(w.every, s.default_period, s.period),
    default_period = CASE WHEN w.every IS NOT NULL THEN coalesce(s.default_period, s.period) END,
    next_at = NULL
FROM (
    SELECT n.name, coalesce(setting = 'off', false) AS is_off,
        CASE WHEN setting NOT IN ('on', 'off') THEN setting::interval END AS every
    FROM schedule n LEFT JOIN unnest(:names::text[], :settings::text[]) AS said (name, setting) USING (name)) AS w
WHERE w.name = s.name AND (s.is_off <> w.is_off OR s.period <> coalesce(w.every, s.default_period, s.period))
RETURNING s.name, CASE WHEN s.is_off THEN 'is off' ELSE 'comes every ' || s.period END AS now
