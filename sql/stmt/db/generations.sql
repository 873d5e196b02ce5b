-- summary: The generation of every data domain
-- access: read
SELECT domain, value FROM generation
