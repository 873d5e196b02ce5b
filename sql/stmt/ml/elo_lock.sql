-- summary: Lets one computation of ratings run at a time; readers go on
LOCK TABLE driver_rating IN SHARE ROW EXCLUSIVE MODE
