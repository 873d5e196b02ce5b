-- summary: Removes the schema; fails while somebody else's objects are in it
DROP SCHEMA f1board
