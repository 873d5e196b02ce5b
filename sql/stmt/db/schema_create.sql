-- summary: The schema itself
CREATE SCHEMA f1board
