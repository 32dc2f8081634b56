-- How many dead letters are unresolved, how many of these nobody owns, and how old they are.
-- > unresolved int
-- > unowned int
-- > hour int
-- > four int
-- > day int
-- > week int
-- > older int
select count(*) as unresolved, count(*) filter (where l.owner is null) as unowned,
	count(*) filter (where l.at > now() - interval '1 hour') as hour,
	count(*) filter (where l.at <= now() - interval '1 hour' and l.at > now() - interval '4 hours') as four,
	count(*) filter (where l.at <= now() - interval '4 hours' and l.at > now() - interval '1 day') as day,
	count(*) filter (where l.at <= now() - interval '1 day' and l.at > now() - interval '7 days') as week,
	count(*) filter (where l.at <= now() - interval '7 days') as older
from orderly.dead_letter l
where l.unresolved
