-- summary: Tells that a domain changed where no trigger can see it
-- params: domain
SELECT generation_touch(:domain)
