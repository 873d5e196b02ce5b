-- Jobs that failed for good are counted by whoever watches, often, and looked for by administrators.
CREATE INDEX job_failed ON job (kind) WHERE state = 'FAILURE';
