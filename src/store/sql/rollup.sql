-- Roll-up rows of one grain (60, 3600 or 86400 seconds) in a window, by interface and time; hist is
-- bucket,count pairs, to be added up and read with the bounds of latency_bucket().
-- :grain int4
-- :since timestamptz
-- :upto timestamptz
-- > interface text
-- > at time
-- > done int
-- > dead int
-- > recovered int
-- > failed_again int
-- > retried int
-- > late int
-- > sum_ms int
-- > hist text
select i.code as interface, r.at, r.done, r.dead, r.recovered, r.failed_again, r.retried, r.late, r.sum_ms,
	r.packed as hist
from orderly.rollup r
join orderly.interface i on i.id = r.interface
where r.grain = :grain and r.at >= :since and r.at < :upto
order by i.code, r.at
