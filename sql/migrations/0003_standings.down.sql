DROP TABLE constructor_standing, driver_standing;
