-- What configuration says of schedules. It is data like the schedule itself, so that all nodes and administrators see
-- the same; whoever runs jobs writes what its configuration says when it starts. Pauses are administrators' and stay.

ALTER TABLE schedule
    ADD is_off boolean NOT NULL DEFAULT false,
    ADD default_period interval;                            -- while configuration says another; NULL: it says none
ALTER TABLE schedule DROP CONSTRAINT schedule_check;        -- a period may be made shorter than its phase

CREATE OR REPLACE FUNCTION schedule_run(shown timestamptz) RETURNS timestamptz
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM schedule WHERE NOT is_paused AND NOT is_off
               AND (next_at IS NULL OR next_at <= shown OR next_at > shown + period)) THEN
        WITH due AS (
            SELECT s.name, s.next_at <= shown AS is_due FROM schedule s
            WHERE NOT s.is_paused AND NOT s.is_off
              AND (s.next_at IS NULL OR s.next_at <= shown OR s.next_at > shown + s.period)
            FOR UPDATE SKIP LOCKED),
        moved AS (
            UPDATE schedule s
            SET next_at = schedule_after(s.period, s.phase, shown),
                last_at = CASE WHEN due.is_due THEN s.next_at ELSE s.last_at END
            FROM due WHERE s.name = due.name
            RETURNING s.name, s.kind, s.payload, s.priority, due.is_due)
        INSERT INTO job (kind, payload, priority, unique_key, run_at)
        SELECT kind, payload, priority, 'schedule ' || name, shown FROM moved WHERE is_due
        ON CONFLICT (unique_key) WHERE state IN ('PENDING', 'STARTED', 'RETRY') DO NOTHING;
    END IF;
    RETURN (SELECT min(next_at) FROM schedule WHERE NOT is_paused AND NOT is_off);
END $$;
