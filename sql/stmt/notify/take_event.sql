-- summary: The next event that nobody was told of, and takes it
SELECT id, kind FROM event_take('notify', 1)
