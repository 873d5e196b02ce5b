UPDATE schedule SET period = coalesce(default_period, period);
ALTER TABLE schedule DROP is_off, DROP default_period;
ALTER TABLE schedule ADD CONSTRAINT schedule_check CHECK (phase >= '0' AND phase < period);

CREATE OR REPLACE FUNCTION schedule_run(shown timestamptz) RETURNS timestamptz
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM schedule
               WHERE NOT is_paused AND (next_at IS NULL OR next_at <= shown OR next_at > shown + period)) THEN
        WITH due AS (
            SELECT s.name, s.next_at <= shown AS is_due FROM schedule s
            WHERE NOT s.is_paused AND (s.next_at IS NULL OR s.next_at <= shown OR s.next_at > shown + s.period)
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
    RETURN (SELECT min(next_at) FROM schedule WHERE NOT is_paused);
END $$;
