-- Weather of a race, one row each; where it is from and when it was fetched stand beside it.

CREATE TABLE weather (
    race_id          slug PRIMARY KEY REFERENCES race ON DELETE CASCADE,
    temperature      numeric(4, 1) CHECK (temperature BETWEEN -60 AND 60),      -- °C
    precipitation_mm numeric(5, 2) CHECK (precipitation_mm >= 0),
    wind_kmh         numeric(5, 2) CHECK (wind_kmh >= 0),
    conditions       text CHECK (conditions IN ('dry', 'wet', 'mixed')),
    source           text NOT NULL,
    fetched_at       timestamptz NOT NULL
);
