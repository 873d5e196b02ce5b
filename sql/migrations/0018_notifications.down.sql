DROP VIEW notification_wish;
DROP VIEW notification_item;
DROP TABLE notification;
DROP FUNCTION notification_tell();
DROP TABLE notification_preference;
DROP TABLE notification_kind;
