-- Telemetry is read by session and driver. Whoever asks by date names the session, too, and finds its rows in that index;
-- the one on dates alone was a tenth of what loading costs and no plan's choice.

DROP INDEX openf1_car_data_date;
DROP INDEX openf1_location_date;
