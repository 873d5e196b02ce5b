-- Ids are lower case; the Ergast API writes a few of its drivers' with capital letters, and gets them back so.

ALTER TABLE driver ADD COLUMN ergast_id text CHECK (lower(ergast_id) = id);      -- NULL: as id

-- A driver under the names of his members in that API.
CREATE VIEW ergast_driver AS
    SELECT id, coalesce(ergast_id, id) AS "driverId", number AS "permanentNumber", code, url,
           given_name AS "givenName", family_name AS "familyName", birth_date AS "dateOfBirth",
           nullif(nationality, '') AS nationality
    FROM driver;
