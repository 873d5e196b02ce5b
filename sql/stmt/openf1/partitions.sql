-- summary: Makes the partitions that telemetry of a span of time needs
-- params: since, until
SELECT openf1_partitions(:since, :until)
