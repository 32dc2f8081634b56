-- How each interface stands against what is promised of it, worst first. Rates and states of burn rules
-- are lists by rule, the shortest window first; ages are unresolved dead letters by age.
-- > interface text
-- > title text
-- > target text
-- > state text
-- > why text
-- > why_at time
-- > since time
-- > paging bool
-- > measure text
-- > objective_ppm int
-- > window_s int
-- > bad int
-- > total int
-- > budget int
-- > burn text
-- > burn_short text
-- > burning text
-- > n_1h int
-- > p50 real
-- > p95 real
-- > p99 real
-- > slow_ms int
-- > last_at time
-- > cadence_s int
-- > queue int
-- > ages text
-- > oldest_dead time
-- > batch_at time
-- > owner text
-- > tier int
-- > silenced_until time
-- > silenced_by text
-- > silenced_why text
-- > silence int
-- > quiet_until time
-- > kept_at time
with quiet as materialized (
	select distinct on (s.interface) s.id, s.interface, s.until, p.name as by, s.reason
	from orderly.silence s
	join orderly.person p on p.id = s.person
	where s.rule is null and s.ended_at is null and s.until > clock_timestamp()
	order by s.interface, s.until desc
),
gauges as (
	select interface, sum(waiting + running)::bigint as queue from orderly.gauge group by interface
)
select i.code as interface, i.title, i.target, coalesce(st.state, 'none') as state,
	case when st.interface is null then 'not worked out yet' else st.why end as why, st.why_at, st.since,
	coalesce(st.paging, false) as paging, st.measure, st.objective_ppm, st.window_s, st.bad, st.total,
	orderly.budget_left(st.bad, st.total, st.objective_ppm) as budget,
	array_to_string(st.burn, ',', '') as burn, array_to_string(st.burn_short, ',', '') as burn_short,
	array_to_string(st.burning, ',', '') as burning, st.n_1h, st.p50, st.p95, st.p99, st.slow_ms, st.last_at,
	i.cadence_s, coalesce(g.queue, 0) as queue, array_to_string(st.ages, ',') as ages, st.oldest_at as oldest_dead,
	st.batch_at, coalesce(i.technical_owner, i.business_owner) as owner, i.tier,
	coalesce(q.until, w.until) as silenced_until, coalesce(q.by, w.by) as silenced_by,
	coalesce(q.reason, w.reason) as silenced_why, coalesce(q.id, w.id) as silence, st.quiet_until,
	nullif(k.at, '-infinity') as kept_at
from orderly.standings_kept k
cross join orderly.interface i
left join orderly.standing st on st.interface = i.id
left join gauges g on g.interface = i.id
left join quiet q on q.interface = i.id
left join quiet w on w.interface is null
where i.lifecycle <> 'retired'
order by coalesce(q.id, w.id) is not null, coalesce(st.paging, false) desc,
	array_position(array['breach', 'late', 'silent', 'at_risk', 'failing', 'slow', 'maintenance', 'few', 'none', 'ok'],
		coalesce(st.state, 'none')),
	coalesce(st.burn[1], 0) desc, i.tier, i.code
