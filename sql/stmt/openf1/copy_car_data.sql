-- summary: Takes car data in binary format
COPY openf1_car_data (date, session_key, meeting_key, driver_number, speed, rpm, n_gear, throttle, brake, drs)
FROM STDIN WITH (FORMAT binary)
