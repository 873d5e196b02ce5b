-- summary: Where the stored classifications are from, and how new they are
-- access: read
SELECT source, count(*) AS revisions, max(known_at) AS latest FROM revision GROUP BY source ORDER BY source
