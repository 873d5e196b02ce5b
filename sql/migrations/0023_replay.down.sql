DROP TABLE request_replay;
