-- summary: Mail that is not sent any more: its sender died with it, or it is of no use by now
-- params: now
UPDATE mail_outbox SET
    state = CASE state WHEN 'sending' THEN 'uncertain' ELSE 'failed' END,
    error_code = CASE state WHEN 'sending' THEN 'lost' ELSE 'expired' END,
    error = CASE state WHEN 'sending' THEN 'who sent it ended without a word: it may have been sent'
                       ELSE 'it was not sent before it was of no use' END,
    lease = NULL, lease_until = NULL
WHERE state = 'sending' AND lease_until < clock_timestamp() OR state = 'waiting' AND expires_at <= :now
