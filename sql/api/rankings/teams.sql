-- route: GET /api/v1/rankings/teams
-- route: GET /api/v1/rankings/constructors
-- summary: Constructors by ELO rating, of all time or as a season's last race left them
-- param: season query integer(1950..2199) optional -- with that season's points and wins
-- auth: public
-- cache: rankings standings entrants schedule 1h
-- result: list
-- example: /api/v1/rankings/teams?limit=2
-- example: /api/v1/rankings/constructors?season=2029&limit=2
SELECT row_number() OVER (ORDER BY g.elo DESC, g.points DESC, g.wins DESC, d.id) AS position,
       d.id AS "constructor.id", d.name AS "constructor.name", g.elo, g.points, g.wins, g.latest_season
FROM (SELECT constructor_id, elo, points, wins, latest_season FROM constructor_rankings WHERE :season::integer IS NULL
      UNION ALL
      SELECT p.constructor_id, coalesce(e.elo, 1500), coalesce(t.points, 0), coalesce(t.wins, 0), p.season
      FROM season_constructor p
      LEFT JOIN constructor_standing t ON t.constructor_id = p.constructor_id
          AND t.race_id = (SELECT race_id FROM find_standing(:season, NULL, :now))
      LEFT JOIN LATERAL (SELECT x.elo FROM constructor_rating x JOIN race r ON r.id = x.race_id
                         WHERE x.constructor_id = p.constructor_id AND x.season <= p.season
                         ORDER BY x.season DESC, r.date DESC LIMIT 1) AS e ON true
      WHERE p.season = :season) AS g
JOIN constructor d ON d.id = g.constructor_id
ORDER BY position
