-- summary: Forgets a step that was reverted
-- params: version
DELETE FROM schema_migration WHERE version = :version
