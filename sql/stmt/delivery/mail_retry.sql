-- summary: Sends mail that failed, or of which nobody knows, once more; id NULL: all that failed
-- params: id, now
WITH again AS (
    UPDATE mail_outbox SET state = 'waiting', attempts = 0, next_at = clock_timestamp(), expires_at = NULL
    WHERE id = :id AND state IN ('failed', 'uncertain') OR :id IS NULL AND state = 'failed'
    RETURNING id)
SELECT count(*) AS mails, job_want('send_mail', :now, NULL, '{}') FROM again HAVING count(*) > 0
