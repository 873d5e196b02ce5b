-- summary: The answer that a key stands for from now on
-- params: key_hash, account_id, request_hash, status, location, content_type, answer
INSERT INTO request_replay (key_hash, account_id, request_hash, status, location, content_type, answer)
VALUES (decode(:key_hash, 'hex'), :account_id, decode(:request_hash, 'hex'), :status, :location, :content_type,
        decode(:answer, 'hex'))
ON CONFLICT (key_hash) DO UPDATE
SET account_id = excluded.account_id, request_hash = excluded.request_hash, answered_at = excluded.answered_at,
    status = excluded.status, location = excluded.location, content_type = excluded.content_type,
    answer = excluded.answer
