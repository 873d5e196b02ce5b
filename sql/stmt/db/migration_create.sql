-- summary: The table that remembers which steps were applied
CREATE TABLE schema_migration (
    version     integer PRIMARY KEY CHECK (version > 0),
    name        text NOT NULL,
    sha256      text NOT NULL,                              -- of the step's SQL as it was applied
    applied_at  timestamptz NOT NULL DEFAULT clock_timestamp()
)
