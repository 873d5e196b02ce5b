DROP FUNCTION calendar_moves(jsonb, jsonb);
DROP FUNCTION calendar_state(integer);
DROP FUNCTION correction_diff(jsonb);
DROP FUNCTION change_class(jsonb);
DROP FUNCTION event_take(text, integer);
DROP TABLE event_due, event_consumer, event;
DROP FUNCTION event_deliver();
