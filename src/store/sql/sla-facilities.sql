-- One interface over a window of so many seconds up to now, by facility, to the minute, the worst first.
-- :interface text
-- :seconds float8
-- > facility text
-- > title text
-- > done int
-- > dead int
-- > recovered int
-- > late int
-- > sum_ms int
with g as materialized (
	select * from orderly.rollup_ranges(now() - make_interval(secs => :seconds), now())
)
select f.code as facility, f.title, sum(r.done) as done, sum(r.dead) as dead, sum(r.recovered) as recovered,
	sum(r.late) as late, sum(r.sum_ms)::bigint as sum_ms
from g
join orderly.rollup_facility r on r.grain = g.grain and r.at >= g.from_at and r.at < g.to_at
	and r.interface = (select i.id from orderly.interface i where i.code = :interface)
join orderly.facility f on f.id = r.facility
group by f.code, f.title
having sum(r.done) + sum(r.dead) + sum(r.recovered) + sum(r.late) > 0
order by sum(r.dead)::float8 / greatest(sum(r.done) + sum(r.dead), 1) desc, f.code
