-- summary: Remembers a step that was applied
-- params: version, name, sha256
INSERT INTO schema_migration (version, name, sha256) VALUES (:version, :name, :sha256)
