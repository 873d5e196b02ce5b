-- summary: If deliveries wait, makes sure that a job comes when the first of them may be sent
-- params: now, lease
SELECT job_want('send_webhooks', :now, min(greatest(w.next_at, w.lease_until)), '{}')
FROM webhook w WHERE w.is_active AND w.lease IS DISTINCT FROM :lease AND EXISTS (
    SELECT FROM webhook_delivery d WHERE d.webhook_id = w.id AND d.state = 'waiting')
HAVING count(*) > 0
