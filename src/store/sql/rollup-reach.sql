-- Up to when roll-ups reach, and whether events wait to be counted; when standings were worked out; where
-- a window of so many seconds begins, and since when anything is counted.
-- :seconds float8
-- > reach time
-- > behind bool
-- > kept_at time
-- > since time
-- > counted_since time
select nullif(r.reach, '-infinity') as reach, r.behind, nullif(k.at, '-infinity') as kept_at,
	date_bin('1 minute', now() - make_interval(secs => :seconds), timestamptz 'epoch') as since,
	(select min(m.at) from orderly.interface i
	 cross join lateral (select min(r.at) as at from orderly.rollup r where r.grain = 60 and r.interface = i.id) m) as counted_since
from orderly.rollup_reach() r
cross join orderly.standings_kept k
