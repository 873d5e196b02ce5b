-- summary: Waits until nobody else migrates this database; held until unlocked or until the session ends
SELECT pg_advisory_lock(hashtext('f1board.schema_migration'))
