-- kind: transaction
-- Rhythms: what each interface usually does in each hour of its week, told from its own roll-ups, and in
-- what it differs from that now.
--
-- Everything is compared on a scale on which chance has the same width everywhere: counts as twice their
-- square root, latencies as their logarithm. What an interface's own past hours strayed from their usual
-- is the width by which an hour is judged, so a restless interface has to do more to be noticed.

set local role orderly_{store}_owner;

create function orderly.evened(n double precision) returns double precision
language sql immutable parallel safe
return 2 * sqrt(greatest(n, 0) + 0.375);

-- One row per interface, written anew every few hours. The arrays have an element per hour of the week,
-- Monday's first hour before all, in that zone.
--   rate, latency    what is usual there (an evened count; the median in ms)
--   samples          from how many weeks; below zero: from so many days, as long as there are too few weeks
create table orderly.rhythm (
	interface int primary key,
	at timestamptz not null,
	since timestamptz not null,
	zone text not null,
	rate real[] not null,
	latency real[] not null,
	samples smallint[] not null,
	dead_share double precision not null,
	retry_share double precision not null,
	slow_share double precision not null, -- of those delivered, that took more than twice the usual
	rate_width real not null,
	slow_width real not null,
	dead_width real not null,
	retry_width real not null
);

-- The setting rhythm.zone, where it names one.
create function orderly.rhythm_zone() returns text
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	zone text;
begin
	select s.value #>> '{}' into zone from orderly.setting s where s.code = 'rhythm.zone';
	perform now() at time zone zone;
	return coalesce(zone, 'UTC');
exception when invalid_parameter_value then
	return 'UTC';
end
$$;

create function orderly.rhythm_slot(at timestamptz, zone text) returns int
language sql stable
return ((extract(isodow from at at time zone zone)::int - 1) * 24 + extract(hour from at at time zone zone)::int);

-- Tells an interface's rhythm anew from its whole hours of the last weeks. Hours in which nothing happened
-- count as that.
create function orderly.rhythm_learn(interface int, upto timestamptz default now()) returns void
language sql
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with span as materialized (
		select greatest(date_bin('1 hour', upto - interval '56 days', timestamptz 'epoch'),
				(select min(r.at) + interval '1 hour' from orderly.rollup r
				 where r.grain = 3600 and r.interface = rhythm_learn.interface)) as since,
			date_bin('1 hour', upto, timestamptz 'epoch') - interval '1 hour' as last,
			orderly.rhythm_zone() as zone
	),
	hour as materialized (
		select h.at, orderly.rhythm_slot(h.at, s.zone) as slot,
			coalesce(r.done + r.dead + r.late, 0) as n, coalesce(r.dead, 0) as dead, coalesce(r.retried, 0) as retried,
			orderly.evened(coalesce(r.done + r.dead + r.late, 0)) as rate,
			coalesce(r.done, 0) as done, r.hist,
			case when r.done >= 3 then greatest(orderly.hist_quantile(r.hist, 0.5), 1) end as latency
		from span s
		cross join lateral generate_series(s.since, s.last, interval '1 hour') h (at)
		left join orderly.rollup r on r.grain = 3600 and r.interface = rhythm_learn.interface and r.at = h.at
	),
	week as materialized (
		select h.slot, count(*)::int as n, percentile_cont(0.5) within group (order by h.rate) as rate,
			percentile_cont(0.5) within group (order by h.latency) as latency
		from hour h group by 1
	),
	day as materialized (
		select h.slot % 24 as hour, count(*)::int as n, percentile_cont(0.5) within group (order by h.rate) as rate,
			percentile_cont(0.5) within group (order by h.latency) as latency
		from hour h group by 1
	),
	usual as materialized (
		select s.slot, case when w.n >= 3 then w.n when d.n >= 3 then -d.n else 0 end as samples,
			case when w.n >= 3 then w.rate when d.n >= 3 then d.rate end as rate,
			case when w.n >= 3 then w.latency when d.n >= 3 then d.latency end as latency
		from generate_series(0, 167) s (slot)
		left join week w on w.slot = s.slot
		left join day d on d.hour = s.slot % 24
	),
	told as materialized (
		select h.rate, u.rate as usual_rate, m.*
		from hour h
		join usual u on u.slot = h.slot
		cross join lateral (values
			('dead', h.dead, h.n),
			('retried', h.retried, h.n),
			('slow', case when u.latency is not null
				then orderly.hist_over(h.hist, orderly.latency_bucket((2 * u.latency)::bigint)) end, h.done)) m (what, part, whole)
	),
	whole as materialized (
		select t.what, coalesce(sum(t.part)::double precision / nullif(sum(t.whole), 0), 0) as share from told t group by 1
	),
	-- Bad hours do not make the next one usual.
	share as materialized (
		select t.what, coalesce(sum(t.part)::double precision / nullif(sum(t.whole), 0), 0) as share
		from told t join whole w on w.what = t.what
		where orderly.evened(t.part) - orderly.evened(t.whole * w.share) < 3
		group by 1
	),
	width as materialized (
		select s.what, s.share, greatest(1, percentile_cont(0.95) within group (
			order by abs(orderly.evened(t.part) - orderly.evened(t.whole * s.share))) / 1.96) as width
		from share s join told t on t.what = s.what
		where t.part is not null
		group by s.what, s.share
	)
	insert into orderly.rhythm as r
	select rhythm_learn.interface, upto, p.since, p.zone, u.rate, u.latency, u.samples,
		d.share, r.share, coalesce(s.share, 0),
		(select greatest(1, percentile_cont(0.95) within group (order by abs(t.rate - t.usual_rate)) / 1.96) from told t),
		coalesce(s.width, 1), d.width, r.width
	from span p
	cross join (select array_agg(u.rate::real order by u.slot) as rate, array_agg(u.latency::real order by u.slot) as latency,
			array_agg(u.samples::smallint order by u.slot) as samples from usual u) u
	join width d on d.what = 'dead'
	join width r on r.what = 'retried'
	left join width s on s.what = 'slow'
	on conflict on constraint rhythm_pkey do update
	set at = excluded.at, since = excluded.since, zone = excluded.zone, rate = excluded.rate, latency = excluded.latency,
		samples = excluded.samples, dead_share = excluded.dead_share, retry_share = excluded.retry_share,
		slow_share = excluded.slow_share, rate_width = excluded.rate_width, slow_width = excluded.slow_width, dead_width = excluded.dead_width,
		retry_width = excluded.retry_width;
end;

-- The hour that ends at that time, of each interface that is in use, not being worked on, and whose rhythm is
-- known, against what is usual: how many widths it is off, what was seen and what is usual (per hour; ms; parts per million), and how many
-- transactions it concerns.
create function orderly.rhythm_now(upto timestamptz)
returns table (interface int, measure text, off real, seen double precision, usual double precision, affected bigint,
               samples int)
language sql stable rows 400
set search_path = pg_catalog, orderly, pg_temp
set jit = off
begin atomic
	with minute as materialized (
		select m.interface, m.done, m.dead, m.late, m.retried, m.hist
		from orderly.rhythm r
		join orderly.rollup m on m.grain = 60 and m.interface = r.interface and m.at >= upto - interval '1 hour' and m.at < upto
	),
	seen as materialized (
		select m.interface, sum(m.done + m.dead + m.late) as n, sum(m.done) as done, sum(m.dead) as dead, sum(m.retried) as retried
		from minute m group by 1
	),
	usual as materialized (
		select r.*, coalesce(s.n, 0) as n, coalesce(s.done, 0) as done, coalesce(s.dead, 0) as dead, coalesce(s.retried, 0) as retried,
			r.rate[a.slot + 1] * (1 - p.part) + r.rate[b.slot + 1] * p.part as usual_rate,
			r.latency[a.slot + 1] * (1 - p.part) + r.latency[b.slot + 1] * p.part as usual_latency,
			case when 0 in (r.samples[a.slot + 1], r.samples[b.slot + 1]) then 0
				when least(r.samples[a.slot + 1], r.samples[b.slot + 1]) < 0
				then greatest(-abs(r.samples[a.slot + 1]), -abs(r.samples[b.slot + 1]))
				else least(r.samples[a.slot + 1], r.samples[b.slot + 1]) end as from_samples
		from orderly.rhythm r
		join orderly.interface i on i.id = r.interface and i.lifecycle in ('live', 'coexisting', 'deprecated')
			and (i.maintenance = '[]'
			     or not exists (select from orderly.maintenance_spans(i.maintenance, upto - interval '1 hour', upto)))
		cross join lateral (select orderly.rhythm_slot(upto - interval '1 hour', r.zone)) a (slot)
		cross join lateral (select orderly.rhythm_slot(upto, r.zone)) b (slot)
		cross join lateral (select extract(epoch from upto - date_bin('1 hour', upto, timestamptz 'epoch')) / 3600) p (part)
		left join seen s on s.interface = r.interface
	)
	select u.interface, v.measure, (v.off / sqrt(1 + 1.57 / abs(u.from_samples)))::real, v.seen, v.usual, v.affected,
		u.from_samples
	from usual u
	left join lateral (
		select sum(orderly.hist_over(m.hist, orderly.latency_bucket((2 * u.usual_latency)::bigint))) as slow
		from minute m where m.interface = u.interface and u.usual_latency is not null) l on true
	cross join lateral (values
		('rate', (orderly.evened(u.n) - u.usual_rate) / u.rate_width, u.n::double precision,
			greatest(u.usual_rate * u.usual_rate / 4 - 0.375, 0),
			abs(u.n - greatest(u.usual_rate * u.usual_rate / 4 - 0.375, 0))::bigint),
		('latency', (orderly.evened(l.slow) - orderly.evened(u.done * u.slow_share)) / u.slow_width,
			1e6 * l.slow / nullif(u.done, 0), 1e6 * u.slow_share, l.slow::bigint),
		('failures', (orderly.evened(u.dead) - orderly.evened(u.n * u.dead_share)) / u.dead_width,
			1e6 * u.dead / nullif(u.n, 0), 1e6 * u.dead_share, u.dead::bigint),
		('retries', (orderly.evened(u.retried) - orderly.evened(u.n * u.retry_share)) / u.retry_width,
			1e6 * u.retried / nullif(u.n, 0), 1e6 * u.retry_share, u.retried::bigint))
		v (measure, off, seen, usual, affected)
	where u.from_samples <> 0 and v.off is not null and v.seen is not null;
end;
