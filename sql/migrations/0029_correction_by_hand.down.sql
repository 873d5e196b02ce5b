DROP TRIGGER audit_revision ON revision;
CREATE TRIGGER audit_revision AFTER INSERT ON revision
    FOR EACH ROW WHEN (NEW.number > 1) EXECUTE FUNCTION audit_revision();
DROP FUNCTION correction_accept(integer, text, boolean, timestamptz, uuid, text);
DROP FUNCTION correction_undo(integer, text, boolean, timestamptz, uuid, text);
DROP FUNCTION correction_newest(integer);
DROP FUNCTION correction_apply(text, text, jsonb, text, boolean, timestamptz, uuid, text);
DROP FUNCTION correction_try(boolean, integer, jsonb, text, timestamptz, uuid, text, text, text, text);
DROP FUNCTION correction_put(integer, jsonb, text, timestamptz, uuid, text, text, text, text);
DROP FUNCTION correction_patch(text, jsonb, jsonb);
DROP FUNCTION correction_line(jsonb, jsonb, text);
DROP FUNCTION correction_check(text, jsonb, text);
DROP FUNCTION refuse(integer, text, text);
DROP FUNCTION correction_member(text);
DROP VIEW correction_conflict;
DROP VIEW correction;
CREATE VIEW correction AS
    SELECT v.id, v.known_at, r.id AS "race.id", r.season AS "race.season", r.round AS "race.round",
           r.name AS "race.name", s.kind AS session, v.number AS revision, v.source, v.note, v.changes
    FROM revision v
    JOIN session s ON s.id = v.session_id
    JOIN race r ON r.id = s.race_id
    WHERE v.number > 1 AND v.changes <> '[]';
DROP FUNCTION standings_adjust(integer, timestamptz);
DROP FUNCTION points_by_hand(integer);
ALTER TABLE constructor_standing_past DROP COLUMN stated;
ALTER TABLE driver_standing_past DROP COLUMN stated;
ALTER TABLE constructor_standing DROP COLUMN stated;
ALTER TABLE driver_standing DROP COLUMN stated;
DROP FUNCTION correction_settle(integer);
DROP FUNCTION upstream_rows(integer);
DROP FUNCTION classification_put(integer, jsonb, jsonb, timestamptz, text, integer, text, boolean);
DROP FUNCTION classification_typed(jsonb);
DROP TYPE classification_line;
DROP TABLE correction_hold;
ALTER TABLE revision DROP COLUMN is_upstream;
