-- summary: The answer that a key stands for, and whether it was the same request
-- params: key_hash, request_hash
-- access: read
SELECT request_hash = decode(:request_hash, 'hex') AS same, status, location, content_type, encode(answer, 'hex') AS answer
FROM request_replay WHERE key_hash = decode(:key_hash, 'hex') AND answered_at > now() - interval '24 h'
