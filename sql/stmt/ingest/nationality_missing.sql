-- summary: Seasons in which somebody without a nationality takes part
-- access: read
SELECT season FROM season_driver s JOIN driver d ON d.id = s.driver_id WHERE d.nationality = ''
UNION
SELECT season FROM season_constructor s JOIN constructor c ON c.id = s.constructor_id WHERE c.nationality = ''
ORDER BY season
