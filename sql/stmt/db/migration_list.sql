-- summary: Applied steps, first to last
-- access: read
SELECT version, name, sha256, to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS applied_at
FROM schema_migration ORDER BY version
