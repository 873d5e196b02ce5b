CREATE INDEX openf1_car_data_date ON openf1_car_data USING brin (date);
CREATE INDEX openf1_location_date ON openf1_location USING brin (date);
