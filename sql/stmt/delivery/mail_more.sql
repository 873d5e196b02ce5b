-- summary: If mail is left, makes sure that a job comes for it: when it is due, and not before a pause is over
-- params: now, pause_ms, payload
SELECT job_want('send_mail', :now, greatest(min(CASE state WHEN 'waiting' THEN next_at ELSE lease_until END),
                                            clock_timestamp() + :pause_ms::bigint * interval '1 ms'), :payload::jsonb)
FROM mail_outbox WHERE state IN ('waiting', 'sending') HAVING count(*) > 0
