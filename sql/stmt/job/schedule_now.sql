-- summary: A job of what is scheduled, out of its turn
-- params: name, now
WITH done AS (SELECT * FROM schedule_now(:name, :now, NULL)),
noted AS (
    INSERT INTO audit_log (at, via, action, object_id, details)
    SELECT :now, 'f1boardctl', 'schedule.run', :name, jsonb_build_object('job', id) FROM done)
SELECT id, kind, state FROM done
