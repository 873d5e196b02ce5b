-- summary: A job of what is scheduled, out of its turn
-- params: name, now
SELECT id, kind, state FROM schedule_now(:name, :now, NULL)
