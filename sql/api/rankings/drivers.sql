-- route: GET /api/v1/rankings/drivers
-- summary: Drivers by ELO rating, of all time or as a season's last race left them
-- param: season query integer(1950..2199) optional -- with that season's points and wins
-- auth: public
-- cache: rankings standings entrants schedule 1h
-- result: list
-- example: /api/v1/rankings/drivers?limit=2
-- example: /api/v1/rankings/drivers?season=2029&limit=2
SELECT row_number() OVER (ORDER BY g.elo DESC, g.points DESC, g.wins DESC, d.id) AS position,
       d.id AS "driver.id", d.code AS "driver.code", d.name AS "driver.name", g.elo, g.points, g.wins, g.latest_season
FROM (SELECT driver_id, elo, points, wins, latest_season FROM driver_rankings WHERE :season::integer IS NULL
      UNION ALL
      SELECT p.driver_id, coalesce(e.elo, 1500), coalesce(t.points, 0), coalesce(t.wins, 0), p.season
      FROM season_driver p
      LEFT JOIN driver_standing t ON t.driver_id = p.driver_id
          AND t.race_id = (SELECT race_id FROM find_standing(:season, NULL, :now))
      LEFT JOIN LATERAL (SELECT x.elo FROM driver_rating x JOIN race r ON r.id = x.race_id
                         WHERE x.driver_id = p.driver_id AND x.season <= p.season
                         ORDER BY x.season DESC, r.date DESC LIMIT 1) AS e ON true
      WHERE p.season = :season) AS g
JOIN driver d ON d.id = g.driver_id
ORDER BY position
