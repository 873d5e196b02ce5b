-- summary: Makes others who would load this season wait until this transaction ends
-- params: season
SELECT pg_advisory_xact_lock(hashtext('f1board.ingest'), :season::integer)
