-- summary: Finds our races, sessions and drivers to those of OpenF1
SELECT openf1_link()
