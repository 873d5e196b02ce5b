DROP FUNCTION find_standing(integer, integer, timestamptz, timestamptz);
CREATE FUNCTION find_standing(of_season integer, of_round integer, at timestamptz)
RETURNS TABLE (race_id slug) LANGUAGE sql STABLE AS $$
    SELECT r.id FROM race r
    WHERE r.season BETWEEN coalesce($1, 1950) AND coalesce($1, 2199)
      AND (r.round = $2 OR $2 IS NULL) AND (r.date <= $3::date OR $1 IS NOT NULL)
      AND EXISTS (SELECT FROM driver_standing s WHERE s.race_id = r.id)
    ORDER BY r.season DESC, r.round DESC LIMIT 1
$$;
DROP FUNCTION constructor_standing_at(text, timestamptz);
DROP FUNCTION driver_standing_at(text, timestamptz);
DROP TRIGGER standing_keep ON constructor_standing;
DROP TRIGGER standing_keep ON driver_standing;
DROP FUNCTION standing_keep();
DROP TABLE driver_standing_past, constructor_standing_past;
ALTER TABLE constructor_standing DROP COLUMN known_at;
ALTER TABLE driver_standing DROP COLUMN known_at;
DROP INDEX revision_corrects;
DROP VIEW correction;
DROP FUNCTION classification_changes(jsonb, jsonb);
DROP FUNCTION classification_rows(integer, integer);
ALTER TABLE revision DROP COLUMN note;
ALTER TABLE revision DROP COLUMN id;
