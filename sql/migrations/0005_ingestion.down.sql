DROP FUNCTION upstream_reserve(text, integer[], integer[], bigint);
DROP TABLE upstream_request, upstream, ingestion_step, ingestion_run;
