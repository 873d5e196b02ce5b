-- Answers to requests that came with an Idempotency-Key, for a day: the same request again gets the same answer. A row is
-- written in the transaction that does the request's work, so the one is never without the other. What is in an answer
-- may be a secret that is shown once, so it is sealed with the key that the client chose, which is not here.

CREATE TABLE request_replay (
    key_hash     bytea PRIMARY KEY CHECK (length(key_hash) = 32),   -- of key, account and route
    account_id   uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    request_hash bytea NOT NULL CHECK (length(request_hash) = 32),
    answered_at  timestamptz NOT NULL DEFAULT now(),                -- real time: it is only measured
    status       integer NOT NULL CHECK (status BETWEEN 200 AND 299),
    location     text,
    content_type text NOT NULL,
    answer       bytea NOT NULL
);
CREATE INDEX request_replay_account ON request_replay (account_id);
