-- Interfaces over a window of so many seconds up to now, to the minute: one of them, or all. hist is bucket,count pairs of all its parts
-- one after the other, to be added up and read with the bounds of latency_bucket().
-- :interface text
-- :seconds float8
-- > interface text
-- > rows int
-- > upto time
-- > done int
-- > dead int
-- > cancelled int
-- > filtered int
-- > recovered int
-- > failed_again int
-- > retried int
-- > late int
-- > sum_ms int
-- > hist text
with g as materialized (
	select * from orderly.rollup_ranges(now() - make_interval(secs => :seconds), now())
)
select i.code as interface, w.rows, w.upto, w.done, w.dead, w.cancelled, w.filtered, w.recovered, w.failed_again,
	w.retried, w.late, w.sum_ms, w.hist
from orderly.interface i
cross join lateral (
	select count(*) as rows, max(r.at) as upto, sum(r.done) as done, sum(r.dead) as dead,
		sum(r.cancelled) as cancelled, sum(r.filtered) as filtered,
		sum(r.recovered) as recovered, sum(r.failed_again) as failed_again, sum(r.retried) as retried,
		sum(r.late) as late, sum(r.sum_ms)::bigint as sum_ms,
		string_agg(r.packed, ',') filter (where r.packed <> '') as hist
	from g
	cross join lateral (
		select * from orderly.rollup t
		where t.grain = g.grain and t.interface = i.id and t.at >= g.from_at and t.at < g.to_at offset 0) r) w
where w.rows > 0 and (:interface::text is null or i.code = :interface)
