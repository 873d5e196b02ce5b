-- summary: Pauses or resumes a schedule
-- params: name, now, is_paused
WITH changed AS (
    UPDATE schedule SET is_paused = :is_paused, next_at = NULL WHERE name = :name RETURNING name, is_paused)
INSERT INTO audit_log (at, via, action, object_id, details)
SELECT :now, 'f1boardctl', 'schedule.change', name, jsonb_build_object('is_paused', is_paused) FROM changed
RETURNING object_id
