-- summary: Forgets that there ever were steps
DROP TABLE schema_migration
