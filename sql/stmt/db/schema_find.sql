-- summary: How far the schema has come into being: itself, and the table that remembers its steps
-- access: read
SELECT to_regnamespace('f1board') IS NOT NULL AS has_schema, to_regclass('schema_migration') IS NOT NULL AS has_table
