-- Each interface over a window, from roll-ups of one grain (60, 3600 or 86400 seconds); hist is
-- bucket,count pairs of all of them one after the other, to be added up and read with the bounds of
-- latency_bucket().
-- :grain int4
-- :since timestamptz
-- :upto timestamptz
-- > interface text
-- > rows int
-- > upto time
-- > done int
-- > dead int
-- > recovered int
-- > failed_again int
-- > retried int
-- > late int
-- > sum_ms int
-- > hist text
select i.code as interface, w.rows, w.upto, w.done, w.dead, w.recovered, w.failed_again, w.retried, w.late,
	w.sum_ms, w.hist
from orderly.interface i
cross join lateral (
	select count(*) as rows, max(r.at) as upto, sum(r.done) as done, sum(r.dead) as dead,
		sum(r.recovered) as recovered, sum(r.failed_again) as failed_again, sum(r.retried) as retried,
		sum(r.late) as late, sum(r.sum_ms)::bigint as sum_ms,
		string_agg(r.packed, ',') filter (where r.packed <> '') as hist
	from orderly.rollup r
	where r.grain = :grain and r.interface = i.id and r.at >= :since and r.at < :upto) w
where w.rows > 0
