-- summary: Takes in what was answered for a race; without hours, that there was no answer
-- params: race, hours, source, now
WITH asked AS (
    INSERT INTO weather_check AS c (race_id, asked_at, in_vain)
    VALUES (:race, :now, CASE WHEN :hours::json IS NULL THEN 1 ELSE 0 END)
    ON CONFLICT (race_id) DO UPDATE
    SET asked_at = EXCLUDED.asked_at, in_vain = CASE EXCLUDED.in_vain WHEN 0 THEN 0 ELSE c.in_vain + 1 END
    RETURNING race_id)
SELECT CASE WHEN :hours IS NULL THEN false ELSE weather_put(race_id, :hours, :source, :now) END AS is_stored
FROM asked
