-- summary: Lets others migrate
SELECT pg_advisory_unlock(hashtext('f1board.schema_migration'))
