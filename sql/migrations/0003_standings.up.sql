-- Championship standings after every round for which they are known, the last of a season being its final ones.

CREATE TABLE driver_standing (
    season          integer NOT NULL REFERENCES season,
    race_id         slug NOT NULL REFERENCES race ON DELETE CASCADE,
    line            integer NOT NULL CHECK (line > 0),      -- place in the published list
    driver_id       slug NOT NULL REFERENCES driver,
    position        integer CHECK (position > 0),           -- NULL: unranked; may be shared
    position_text   text NOT NULL CHECK (position_text ~ '^([0-9]+|[-DE])$'),
    points          numeric NOT NULL,
    wins            integer NOT NULL CHECK (wins >= 0),
    constructor_ids text[] NOT NULL,                        -- in the order the driver first drove for them
    source          text NOT NULL,                          -- where the row is from, or 'computed' from results
    PRIMARY KEY (race_id, driver_id)
);
CREATE INDEX driver_standing_season ON driver_standing (season, driver_id);

CREATE TABLE constructor_standing (
    season          integer NOT NULL REFERENCES season,
    race_id         slug NOT NULL REFERENCES race ON DELETE CASCADE,
    line            integer NOT NULL CHECK (line > 0),
    constructor_id  slug NOT NULL REFERENCES constructor,
    position        integer CHECK (position > 0),
    position_text   text NOT NULL CHECK (position_text ~ '^([0-9]+|[-DE])$'),
    points          numeric NOT NULL,
    wins            integer NOT NULL CHECK (wins >= 0),
    source          text NOT NULL,
    PRIMARY KEY (race_id, constructor_id)
);
CREATE INDEX constructor_standing_season ON constructor_standing (season, constructor_id);
