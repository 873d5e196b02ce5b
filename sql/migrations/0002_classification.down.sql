DROP TRIGGER season_partitions_keep ON season;
DROP FUNCTION season_partitions_keep();
DROP FUNCTION season_partitions(integer);
DROP TABLE pit_stop, lap, session_load, qualifying_result, result, revision;
