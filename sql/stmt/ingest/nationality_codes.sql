-- summary: Drivers and constructors whose nationality is a code and not a word
-- access: read
SELECT 'driver' AS kind, id, nationality FROM driver WHERE nationality ~ '^\s*[A-Za-z]{2,3}\s*$'
UNION ALL
SELECT 'constructor', id, nationality FROM constructor WHERE nationality ~ '^\s*[A-Za-z]{2,3}\s*$'
