DROP FUNCTION generation_some, generation_differs, generation_all CASCADE;
DROP FUNCTION generation_follow;
DROP FUNCTION generation_touch;
DROP TABLE generation_touched;
DROP FUNCTION generation_bump;
DROP TABLE generation;
