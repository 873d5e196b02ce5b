-- summary: Removes a session's car data
-- params: session_key
DELETE FROM openf1_car_data WHERE session_key = :session_key::integer
