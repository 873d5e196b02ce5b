-- summary: What the server or the database lacks, one line each; no row when all is well
-- access: read
SELECT 'the server is version ' || current_setting('server_version') || ', it should be 15 or later' AS problem
WHERE current_setting('server_version_num')::integer < 150000
UNION ALL
SELECT 'the database is encoded in ' || current_setting('server_encoding') || ', it should be UTF8'
WHERE current_setting('server_encoding') <> 'UTF8'
UNION ALL
SELECT 'index ' || c.relname || ' is invalid: reindex it'
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = to_regnamespace('f1board') AND NOT i.indisvalid AND c.relkind = 'i'
UNION ALL
SELECT 'constraint ' || conname || ' of ' || conrelid::regclass || ' was never validated'
FROM pg_constraint
WHERE connamespace = to_regnamespace('f1board') AND NOT convalidated
