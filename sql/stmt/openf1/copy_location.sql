-- summary: Takes locations in binary format
COPY openf1_location (date, session_key, meeting_key, driver_number, x, y, z) FROM STDIN WITH (FORMAT binary)
