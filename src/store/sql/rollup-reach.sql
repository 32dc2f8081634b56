-- Up to when roll-ups reach, whether events wait to be counted, and from when on minutes are kept.
-- > reach time
-- > behind bool
-- > kept_at time
select r.reach, r.behind, k.at as kept_at
from orderly.rollup_reach() r
cross join orderly.standings_kept k
