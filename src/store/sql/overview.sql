-- Each interface as it is now, worst first: how it stands as the store keeps it, and what moves beside that.
-- burn is of the shortest rule, in hundredths of the rate that the budget bears; kept_at: when standings
-- were worked out.
-- > interface text
-- > title text
-- > source text
-- > target text
-- > state text
-- > why text
-- > why_at time
-- > since time
-- > paging bool
-- > measure text
-- > objective_ppm int
-- > bad int
-- > total int
-- > burn int
-- > p95 real
-- > slow_ms int
-- > queue int
-- > retrying int
-- > dead int
-- > unowned int
-- > oldest_dead time
-- > in_per_min real
-- > out_per_min real
-- > last_at time
-- > owner text
-- > tier int
-- > spark text
-- > silenced_until time
-- > silenced_by text
-- > silenced_why text
-- > kept_at time
with now_at as (
	select n.at, n.tick, 10 + date_part('epoch', n.at - n.tick) / 60 as minutes -- of the pulses of age 0 to 2
	from (select t.at, date_bin('5 minutes', t.at, timestamptz 'epoch') as tick
	      from (select clock_timestamp() as at offset 0) t) n
),
gauges as (
	select interface, sum(waiting + running)::bigint as queue, sum(retrying)::bigint as retrying, max(last_at) as last_at
	from orderly.gauge
	group by interface
),
beats as (
	select interface, born, done,
		floor(date_part('epoch', (select tick from now_at) - bucket) / 300)::int as age
	from orderly.pulse
	where bucket >= (select tick from now_at) - interval '1 hour'
	offset 0 -- so that the age is told once, and not in each of the sums
),
pulses as (
	select interface, coalesce(sum(born) filter (where age <= 2), 0) as born_lately,
		coalesce(sum(done) filter (where age <= 2), 0) as done_lately,
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
letters as (
	select interface, sum(unresolved)::bigint as dead, sum(unowned)::bigint as unowned
	from orderly.failure_group
	where unresolved > 0
	group by interface
),
quiet as (
	select distinct on (s.interface) s.interface, s.until, p.name as by, s.reason
	from orderly.silence s
	join orderly.person p on p.id = s.person
	where s.rule is null and s.ended_at is null and s.until > (select at from now_at)
	order by s.interface, s.until desc
),
lines as (
	select i.code, i.title, i.source, i.target, coalesce(st.state, 'none') as state,
		case when st.interface is null then 'not worked out yet' else st.why end as why, st.why_at, st.since,
		coalesce(st.paging, false) as paging, st.measure, st.objective_ppm, st.bad, st.total, st.burn[1] as burn,
		st.p95, st.slow_ms, coalesce(g.queue, 0) as queue, coalesce(g.retrying, 0) as retrying,
		coalesce(l.dead, 0) as dead, coalesce(l.unowned, 0) as unowned,
		case when l.dead > 0 then st.oldest_at end as oldest_dead,
		(coalesce(p.born_lately, 0) / n.minutes)::real as in_per_min,
		(coalesce(p.done_lately, 0) / n.minutes)::real as out_per_min,
		g.last_at, coalesce(i.technical_owner, i.business_owner) as owner, i.tier,
		coalesce(p.spark, '0,0,0,0,0,0,0,0,0,0,0,0') as spark,
		coalesce(q.until, w.until) as silenced_until, coalesce(q.by, w.by) as silenced_by,
		coalesce(q.reason, w.reason) as silenced_why, nullif(k.at, '-infinity') as kept_at
	from now_at n
	cross join orderly.standings_kept k
	cross join orderly.interface i
	left join orderly.standing st on st.interface = i.id
	left join gauges g on g.interface = i.id
	left join pulses p on p.interface = i.id
	left join letters l on l.interface = i.id
	left join quiet q on q.interface = i.id
	left join quiet w on w.interface is null
	where i.lifecycle <> 'retired'
)
select code as interface, title, source, target, state, why, why_at, since, paging, measure, objective_ppm, bad, total,
	burn, p95, slow_ms, queue, retrying, dead, unowned, oldest_dead, in_per_min, out_per_min, last_at, owner, tier,
	spark, silenced_until, silenced_by, silenced_why, kept_at
from lines
order by silenced_until is not null, paging desc,
	array_position(array['breach', 'late', 'silent', 'at_risk', 'failing', 'slow', 'maintenance', 'few', 'none', 'ok'], state),
	coalesce(burn, 0) desc, dead > 0 desc, tier, code
