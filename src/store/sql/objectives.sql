-- What is promised of one interface, and how it is kept. bad and total are of the objective's window; of
-- those that are no ratio, value is what it is now: seconds since the last sign of life, how many wait,
-- seconds that the oldest dead letter without an owner has waited.
-- :interface text
-- > measure text
-- > objective_ppm int
-- > threshold int
-- > window_s int
-- > min_count int
-- > due text
-- > severity text
-- > note text
-- > bad int
-- > total int
-- > budget int
-- > value int
-- > at time
select s.measure, s.objective_ppm, s.threshold, s.window_s, s.min_count,
	to_char(s.due, 'HH24:MI') || ' ' || coalesce(s.zone, 'UTC') as due, s.severity, s.note, k.bad, k.total,
	orderly.budget_left(k.bad, k.total, s.objective_ppm) as budget,
	case s.measure
		when 'freshness' then extract(epoch from clock_timestamp() - st.last_at)::bigint
		when 'queue' then (select sum(g.waiting + g.running)::bigint from orderly.gauge g where g.interface = i.id)
		when 'dead_age' then (
			select extract(epoch from clock_timestamp() - min(l.at))::bigint from orderly.dead_letter l
			where l.interface = i.id and l.unresolved and l.owner is null and l.state in ('open', 'quarantined')) end as value,
	case s.measure when 'deadline' then st.batch_at end as at
from orderly.slo s
join orderly.interface i on i.code = s.interface
left join orderly.objective_kept k on k.interface = i.id and k.measure = s.measure
left join orderly.standing st on st.interface = i.id
where i.code = :interface
order by array_position(array['success', 'latency', 'retry', 'freshness', 'queue', 'dead_age', 'deadline'], s.measure)
