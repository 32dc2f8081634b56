-- Each interface as it is now, worst first.
-- > interface text
-- > title text
-- > source text
-- > target text
-- > state text
-- > waiting int
-- > running int
-- > retrying int
-- > dead int
-- > oldest_dead time
-- > in_per_min real
-- > done_1h int
-- > failed_1h int
-- > last_at time
-- > owner text
-- > tier int
-- > spark text
with now_at as (
	select clock_timestamp() as at, date_bin('5 minutes', clock_timestamp(), timestamptz 'epoch') as tick
),
gauges as (
	select interface, sum(waiting)::bigint as waiting, sum(running)::bigint as running,
		sum(retrying)::bigint as retrying, sum(dead)::bigint as dead, max(last_at) as last_at
	from orderly.gauge
	group by interface
),
beats as (
	select interface, born, done, failed, dead,
		floor(date_part('epoch', (select tick from now_at) - bucket) / 300)::int as age
	from orderly.pulse
	where bucket >= (select tick from now_at) - interval '1 hour'
	offset 0 -- so that the age is told once, and not in each of the sums
),
pulses as (
	select interface, coalesce(sum(done) filter (where age < 12), 0) as done,
		coalesce(sum(failed) filter (where age < 12), 0) as failed,
		coalesce(sum(born) filter (where age <= 2), 0) as born_lately,
		coalesce(sum(done) filter (where age <= 2), 0) as done_lately,
		coalesce(sum(failed) filter (where age <= 2), 0) as failed_lately,
		coalesce(sum(dead) filter (where age <= 2), 0) as dead_lately,
		concat_ws(',', -- whole buckets only: the one that has just begun would look like a fall
			coalesce(sum(born) filter (where age = 12), 0), coalesce(sum(born) filter (where age = 11), 0),
			coalesce(sum(born) filter (where age = 10), 0), coalesce(sum(born) filter (where age = 9), 0),
			coalesce(sum(born) filter (where age = 8), 0), coalesce(sum(born) filter (where age = 7), 0),
			coalesce(sum(born) filter (where age = 6), 0), coalesce(sum(born) filter (where age = 5), 0),
			coalesce(sum(born) filter (where age = 4), 0), coalesce(sum(born) filter (where age = 3), 0),
			coalesce(sum(born) filter (where age = 2), 0), coalesce(sum(born) filter (where age = 1), 0)) as spark
	from beats
	group by interface
),
overdue as (
	select interface, count(*) as n
	from orderly.transaction
	where overdue_at is not null and state in ('waiting', 'running', 'retrying')
	group by interface
),
lines as (
	select i.code, i.title, i.source, i.target,
		case
			when g.interface is null then 'none'
			when p.dead_lately > 0 or p.failed_lately >= 5
				and p.failed_lately * 5 > p.failed_lately + p.done_lately then 'failing'
			when i.cadence_s is not null
				and g.last_at < n.at - make_interval(secs => 2 * i.cadence_s) then 'silent'
			when o.n > 0 then 'slow'
			else 'ok'
		end as state,
		coalesce(g.waiting, 0) as waiting, coalesce(g.running, 0) as running,
		coalesce(g.retrying, 0) as retrying, coalesce(g.dead, 0) as dead, d.oldest as oldest_dead,
		(coalesce(p.born_lately, 0) / (10 + extract(epoch from n.at - n.tick) / 60))::real as in_per_min,
		coalesce(p.done, 0) as done_1h, coalesce(p.failed, 0) as failed_1h, g.last_at,
		coalesce(i.technical_owner, i.business_owner) as owner, i.tier,
		coalesce(p.spark, '0,0,0,0,0,0,0,0,0,0,0,0') as spark
	from now_at n
	cross join orderly.interface i
	left join gauges g on g.interface = i.id
	left join pulses p on p.interface = i.id
	left join overdue o on o.interface = i.id
	left join lateral (select min(t.at) as oldest from orderly.transaction t
	                   where t.interface = i.id and t.state = 'dead' and g.dead > 0) d on true
	where i.lifecycle <> 'retired'
)
select code as interface, title, source, target, state, waiting, running, retrying, dead, oldest_dead,
	in_per_min, done_1h, failed_1h, last_at, owner, tier, spark
from lines
order by array_position(array['failing', 'silent', 'slow', 'ok', 'none'], state), dead > 0 desc, tier, code
