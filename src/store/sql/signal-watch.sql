-- When rules were held against the facts last, and which targets workers have named lately.
-- > evaluated_at time
-- > took_ms real
-- > targets int
-- > names text
select w.evaluated_at, w.took_ms, t.targets, t.names
from orderly.signal_watch w
cross join (
	select count(*) as targets, string_agg(h.name, ', ' order by h.name) as names
	from orderly.signal_target h where h.seen_at > now() - interval '5 minutes') t
