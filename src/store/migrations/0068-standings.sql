-- kind: transaction
-- How each interface stands against what is promised of it, kept: a duty works it out a few times in a
-- minute, and screens, rules and handovers read it.

set local role orderly_{store}_owner;

-- The rows of roll-ups that make up a window to the minute: whole days, the hours beside them, and the
-- minutes at the ends.
create function orderly.rollup_ranges(since timestamptz, upto timestamptz)
returns table (grain int, from_at timestamptz, to_at timestamptz)
language sql stable rows 5
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with e as (
		select date_bin('1 minute', rollup_ranges.since, timestamptz 'epoch') as m0,
			date_bin('1 hour', rollup_ranges.since + interval '1 hour' - interval '1 microsecond', timestamptz 'epoch') as h0,
			date_bin('1 hour', rollup_ranges.upto, timestamptz 'epoch') as h1,
			date_bin('1 day', rollup_ranges.since + interval '1 day' - interval '1 microsecond', timestamptz 'epoch') as d0,
			date_bin('1 day', rollup_ranges.upto, timestamptz 'epoch') as d1
	)
	select r.grain, r.from_at, r.to_at
	from e cross join lateral (values
		(86400, e.d0, e.d1),
		(3600, e.h0, case when e.d1 > e.d0 then e.d0 else e.h1 end),
		(3600, case when e.d1 > e.d0 then e.d1 end, e.h1),
		(60, e.m0, case when e.h1 > e.h0 then e.h0 else rollup_ranges.upto end),
		(60, case when e.h1 > e.h0 then e.h1 end, rollup_ranges.upto)) r (grain, from_at, to_at)
	where r.to_at > r.from_at;
end;

-- The counts of those interfaces in a window, as rollup_counts() tells them; long ones from whole days.
create function orderly.rollup_counts_of(ids int[], since timestamptz, upto timestamptz)
returns table (interface int, done bigint, dead bigint, late bigint, retried bigint, recovered bigint, over bigint)
language sql stable rows 200
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with g as materialized (
		select * from orderly.rollup_ranges(rollup_counts_of.since, rollup_counts_of.upto)
	),
	aim as materialized (
		select i.id, orderly.latency_bucket(s.threshold) as bucket
		from orderly.interface i
		left join orderly.slo s on s.interface = i.code and s.measure = 'latency'
		where i.id = any (ids)
	)
	select a.id, c.done, c.dead, c.late, c.retried, c.recovered, c.over + c.late
	from aim a
	cross join lateral (
		select sum(r.done) as done, sum(r.dead) as dead, sum(r.late) as late, sum(r.retried) as retried,
			sum(r.recovered) as recovered,
			sum(case when r.hist[cardinality(r.hist) - 1] > a.bucket
				then orderly.hist_over(r.hist, a.bucket) else 0 end)::bigint as over
		from g
		cross join lateral (
			select * from orderly.rollup t
			where t.grain = g.grain and t.interface = a.id and t.at >= g.from_at and t.at < g.to_at offset 0) r
		having count(*) > 0) c;
end;

create or replace function orderly.rollup_counts(since timestamptz, upto timestamptz)
returns table (interface int, done bigint, dead bigint, late bigint, retried bigint, recovered bigint, over bigint)
language sql stable rows 200
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select * from orderly.rollup_counts_of(array(select i.id from orderly.interface i), rollup_counts.since, rollup_counts.upto);
end;

-- ---- what is kept ----------------------------------------------------------------------------------

-- at: what is kept is of that moment. A round goes through the interfaces a few at a time, up to place,
-- all of them as of round_at; the windows of objectives move slowly, and only some rounds count them.
create table orderly.standings_kept (
	one bool primary key default true check (one),
	at timestamptz not null default '-infinity',
	round_at timestamptz not null default '-infinity',
	place int, -- NULL: no round is under way
	windows_at timestamptz not null default '-infinity',
	with_windows bool not null default true
);
insert into orderly.standings_kept default values;

-- The columns of burn_states(). since: from when on it is in that state.
create table orderly.burn_kept (
	interface int not null,
	measure text not null,
	rule smallint not null,
	severity text not null,
	long_bad bigint not null,
	long_total bigint not null,
	short_bad bigint not null,
	short_total bigint not null,
	state text not null,
	since timestamptz not null,
	primary key (interface, measure, rule)
) with (fillfactor = 50);

-- Each objective of success, latency and retries over its own window, without maintenance.
create table orderly.objective_kept (
	interface int not null,
	measure text not null,
	bad bigint not null,
	total bigint not null,
	primary key (interface, measure)
) with (fillfactor = 50);

-- One line per interface. state, the first that holds:
--   maintenance  it is being worked on, until quiet_until
--   breach       an objective is missed over its window
--   late         its batch was due at why_at and has not come
--   silent       nothing came since why_at, for longer than is allowed
--   at_risk      a budget burns too fast, or more waits, or waits longer, than is allowed
--   failing      something died in the last minutes, or all that is tried fails
--   slow         something is overdue
--   none, few    there is nothing, or too little, to judge it by
--   ok
-- The other columns are of the objective that stands worst: measure, objective_ppm, bad and total over its
-- window; burn and burn_short are hundredths of the rate that would use its budget up, by rule.
create table orderly.standing (
	interface int primary key,
	state text not null check (state in ('maintenance', 'breach', 'late', 'silent', 'at_risk', 'failing',
		'slow', 'none', 'few', 'ok')),
	since timestamptz not null,
	why text,
	why_at timestamptz,
	paging bool not null,
	measure text,
	objective_ppm int,
	window_s int,
	bad bigint,
	total bigint,
	burn bigint[],
	burn_short bigint[],
	burning text[], -- the rules' states
	n_1h bigint not null,
	p50 real,
	p95 real,
	p99 real,
	slow_ms bigint,
	ages int[] not null, -- unresolved dead letters under 1 hour, 4 hours, a day, 7 days, and older
	oldest_at timestamptz,
	overdue bigint not null,
	last_at timestamptz,
	batch_at timestamptz,
	quiet_until timestamptz
) with (fillfactor = 50);

do $scope$
declare
	name text;
begin
	foreach name in array array['burn_kept', 'objective_kept', 'standing'] loop
		execute format('alter table orderly.%I enable row level security', name);
		execute format('create policy %I on orderly.%I for select using (
			interface in (select unnest(orderly.my_interfaces())))', name || '_read', name);
		execute format('grant select on orderly.%I to orderly_{store}_support, orderly_{store}_operator,
			orderly_{store}_approver', name);
	end loop;
end
$scope$;
grant select on orderly.standings_kept to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver;

-- ---- burn rates ------------------------------------------------------------------------------------

-- Every burn rule on every objective of success and latency of those interfaces, worked out: see
-- burn_states().
create function orderly.burn_states_of(ids int[], at timestamptz)
returns table (interface int, measure text, rule smallint, severity text, long_bad bigint, long_total bigint,
               short_bad bigint, short_total bigint, state text)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with span as (
		select distinct w.s as seconds from orderly.burn_rule b, lateral (values (b.long_s), (b.short_s)) w (s)
	),
	quiet as materialized (
		select s.seconds, q.*
		from span s, lateral orderly.rollup_quiet(burn_states_of.at - make_interval(secs => s.seconds), burn_states_of.at) q
		where exists (select from orderly.interface i where i.id = any (ids) and i.maintenance <> '[]')
	),
	counts as materialized (
		select s.seconds, c.interface, c.done - coalesce(q.done, 0) as done, c.dead - coalesce(q.dead, 0) as dead,
			c.late - coalesce(q.late, 0) as late, c.over - coalesce(q.over, 0) as over
		from span s
		cross join lateral orderly.rollup_counts_of(ids, burn_states_of.at - make_interval(secs => s.seconds), burn_states_of.at) c
		left join quiet q on q.seconds = s.seconds and q.interface = c.interface
	),
	judged as (
		select i.id as interface, o.measure, b.nr, b.severity, o.objective_ppm, b.tenths, o.window_s, o.min_count,
			i.maintenance <> '[]' and exists (
				select from orderly.maintenance_spans(i.maintenance, burn_states_of.at, burn_states_of.at) w
				where w.begin_at <= burn_states_of.at and w.end_at > burn_states_of.at) as quiet,
			coalesce(case o.measure when 'success' then l.dead else l.over end, 0) as long_bad,
			coalesce(case o.measure when 'success' then l.done + l.dead else l.done + l.late end, 0) as long_total,
			coalesce(case o.measure when 'success' then s.dead else s.over end, 0) as short_bad,
			coalesce(case o.measure when 'success' then s.done + s.dead else s.done + s.late end, 0) as short_total
		from orderly.slo o
		join orderly.interface i on i.code = o.interface
		cross join orderly.burn_rule b
		left join counts l on l.interface = i.id and l.seconds = b.long_s
		left join counts s on s.interface = i.id and s.seconds = b.short_s
		where o.measure in ('success', 'latency') and i.id = any (ids)
	)
	select j.interface, j.measure, j.nr, j.severity, j.long_bad, j.long_total, j.short_bad, j.short_total,
		case when j.quiet then 'maintenance'
			when j.long_total = 0 then 'none'
			when j.long_total < j.min_count then 'few'
			when orderly.burns(j.long_bad, j.long_total, j.objective_ppm, j.tenths, j.window_s)
			 and orderly.burns(j.short_bad, j.short_total, j.objective_ppm, j.tenths, j.window_s) then 'burning'
			else 'fine' end
	from judged j;
end;

-- What is kept, where it is of that moment or of the minute before; else it is worked out.
create or replace function orderly.burn_states(at timestamptz default now())
returns table (interface int, measure text, rule smallint, severity text, long_bad bigint, long_total bigint,
               short_bad bigint, short_total bigint, state text)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
begin
	if exists (select from orderly.standings_kept k
	           where burn_states.at >= k.at and burn_states.at < k.at + interval '1 minute') then
		return query select b.interface, b.measure, b.rule, b.severity, b.long_bad, b.long_total, b.short_bad,
			b.short_total, b.state from orderly.burn_kept b;
	else
		return query select * from orderly.burn_states_of(array(select i.id from orderly.interface i), burn_states.at);
	end if;
end
$$;

create function orderly.burns_keep(ids int[], at timestamptz) returns void
language sql
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with n as materialized (
		select * from orderly.burn_states_of(ids, burns_keep.at)
	),
	gone as (
		delete from orderly.burn_kept k
		where k.interface = any (ids) and not exists (select from n where n.interface = k.interface and n.measure = k.measure and n.rule = k.rule)
	)
	insert into orderly.burn_kept as k
	select n.*, burns_keep.at from n order by n.interface, n.measure, n.rule
	on conflict (interface, measure, rule) do update
	set severity = excluded.severity, long_bad = excluded.long_bad, long_total = excluded.long_total,
		short_bad = excluded.short_bad, short_total = excluded.short_total, state = excluded.state,
		since = case when k.state = excluded.state then k.since else excluded.since end
	where (k.severity, k.long_bad, k.long_total, k.short_bad, k.short_total, k.state) is distinct from
		(excluded.severity, excluded.long_bad, excluded.long_total, excluded.short_bad, excluded.short_total, excluded.state);
end;

-- ---- objectives over their windows -----------------------------------------------------------------

-- Windows of more than a month begin with a whole day: the minutes are gone by then.
create function orderly.objective_windows(ids int[], at timestamptz)
returns table (interface int, measure text, bad bigint, total bigint)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with span as materialized (
		select w.s as seconds, case when w.s > 35 * 86400 then date_bin('1 day', w.since, timestamptz 'epoch') else w.since end as since
		from (select distinct o.window_s as s, objective_windows.at - make_interval(secs => o.window_s) as since
		      from orderly.slo o where o.measure in ('success', 'latency', 'retry')) w
	),
	quiet as materialized (
		select s.seconds, q.* from span s cross join lateral orderly.rollup_quiet(s.since, objective_windows.at) q
		where exists (select from orderly.interface i where i.id = any (ids) and i.maintenance <> '[]')
	),
	counts as materialized (
		select s.seconds, c.* from span s cross join lateral orderly.rollup_counts_of(ids, s.since, objective_windows.at) c
	)
	select i.id, o.measure,
		case o.measure when 'success' then coalesce(c.dead, 0) - coalesce(q.dead, 0)
			when 'latency' then coalesce(c.over, 0) - coalesce(q.over, 0)
			else coalesce(c.retried, 0) end,
		case o.measure when 'success' then coalesce(c.done + c.dead, 0) - coalesce(q.done + q.dead, 0)
			when 'latency' then coalesce(c.done + c.late, 0) - coalesce(q.done + q.late, 0)
			else coalesce(c.done + c.dead, 0) end
	from orderly.slo o
	join orderly.interface i on i.code = o.interface
	left join counts c on c.interface = i.id and c.seconds = o.window_s
	left join quiet q on q.interface = i.id and q.seconds = o.window_s
	where o.measure in ('success', 'latency', 'retry') and i.id = any (ids);
end;

create function orderly.objectives_keep(ids int[], at timestamptz) returns void
language sql
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with n as materialized (
		select * from orderly.objective_windows(ids, objectives_keep.at)
	),
	gone as (
		delete from orderly.objective_kept k
		where k.interface = any (ids) and not exists (select from n where n.interface = k.interface and n.measure = k.measure)
	)
	insert into orderly.objective_kept as k
	select * from n order by 1, 2
	on conflict (interface, measure) do update set bad = excluded.bad, total = excluded.total
	where (k.bad, k.total) is distinct from (excluded.bad, excluded.total);
end;

-- ---- standings -------------------------------------------------------------------------------------

-- When something of that time of day was due last.
create function orderly.due_last(due time, zone text, at timestamptz) returns timestamptz
language sql stable
set search_path = pg_catalog, orderly, pg_temp
return (select max(d.due_at) from (
	select ((due_last.at at time zone coalesce(zone, 'UTC'))::date - n + due) at time zone coalesce(zone, 'UTC') as due_at
	from generate_series(0, 1) n) d
	where d.due_at <= due_last.at);

-- The objective of each interface that stands worst: the one that burns, that is missed, that has the
-- least left; success before others.
create function orderly.objectives_worst(ids int[])
returns table (interface int, measure text, objective_ppm int, window_s int, bad bigint, total bigint, missed bool,
               enough bool, burn bigint[], burn_short bigint[], burning text[], paging bool, warning bool)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with burn as materialized (
		select b.interface, b.measure,
			array_agg(orderly.burn_rate(b.long_bad, b.long_total, s.objective_ppm) order by b.rule) as long,
			array_agg(orderly.burn_rate(b.short_bad, b.short_total, s.objective_ppm) order by b.rule) as short,
			array_agg(b.state order by b.rule) as states,
			bool_or(b.state = 'burning' and b.severity = 'page') as paging, bool_or(b.state = 'burning') as burning
		from orderly.burn_kept b
		join orderly.interface i on i.id = b.interface
		join orderly.slo s on s.interface = i.code and s.measure = b.measure
		where b.interface = any (ids)
		group by b.interface, b.measure
	),
	judged as (
		select k.interface, k.measure, s.objective_ppm, s.window_s, k.bad, k.total,
			k.total >= greatest(s.min_count, 1) as enough,
			k.total >= greatest(s.min_count, 1)
				and k.bad::numeric * 1000000 > k.total::numeric * (1000000 - s.objective_ppm) as missed,
			b.long, b.short, b.states, coalesce(b.paging, false) as paging, coalesce(b.burning, false) as burning,
			orderly.budget_left(k.bad, k.total, s.objective_ppm) as left
		from orderly.objective_kept k
		join orderly.interface i on i.id = k.interface
		join orderly.slo s on s.interface = i.code and s.measure = k.measure
		left join burn b on b.interface = k.interface and b.measure = k.measure
		where k.interface = any (ids)
	)
	select distinct on (j.interface) j.interface, j.measure, j.objective_ppm, j.window_s, j.bad, j.total,
		bool_or(j.missed) over w, bool_or(j.enough) over w, j.long, j.short, j.states,
		bool_or(j.paging) over w, bool_or(j.burning) over w
	from judged j
	window w as (partition by j.interface)
	order by j.interface, j.paging desc, j.missed desc, j.burning desc, j.measure = 'success' and j.left < 1000000 desc,
		j.left, j.measure = 'success' desc, j.measure;
end;

-- What the last hour and the moment say of each interface.
create function orderly.interface_facts(ids int[], at timestamptz)
returns table (interface int, n_1h bigint, p50 real, p95 real, p99 real, queue bigint, known bool, last_at timestamptz,
               dying bool, stuck bool, overdue bigint, ages int[], oldest_at timestamptz, unowned_at timestamptz)
language sql stable rows 200
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with gauges as (
		select g.interface, sum(g.waiting + g.running)::bigint as queue, max(g.last_at) as last_at
		from orderly.gauge g where g.interface = any (ids) group by 1
	),
	pulses as (
		select p.interface, sum(p.dead) > 0 as dying, sum(p.failed) >= 5 and sum(p.done) = 0 as stuck
		from orderly.pulse p
		where p.bucket >= date_bin('5 minutes', interface_facts.at, timestamptz 'epoch') - interval '10 minutes' and p.interface = any (ids)
		group by 1
	),
	letters as (
		select l.interface, array[
				count(*) filter (where l.at > interface_facts.at - interval '1 hour'),
				count(*) filter (where l.at <= interface_facts.at - interval '1 hour' and l.at > interface_facts.at - interval '4 hours'),
				count(*) filter (where l.at <= interface_facts.at - interval '4 hours' and l.at > interface_facts.at - interval '1 day'),
				count(*) filter (where l.at <= interface_facts.at - interval '1 day' and l.at > interface_facts.at - interval '7 days'),
				count(*) filter (where l.at <= interface_facts.at - interval '7 days')]::int[] as ages,
			min(l.at) as oldest_at, min(l.at) filter (where l.owner is null and l.state in ('open', 'quarantined')) as unowned_at
		from orderly.dead_letter l where l.unresolved and l.interface = any (ids) group by 1
	),
	overdue as (
		select t.interface, count(*) as n from orderly.transaction t
		where t.overdue_at is not null and t.state in ('waiting', 'running', 'retrying') and t.interface = any (ids)
		group by 1
	)
	select i.id, coalesce(h.n, 0), orderly.hist_quantile(h.hist, 0.5)::real, orderly.hist_quantile(h.hist, 0.95)::real,
		orderly.hist_quantile(h.hist, 0.99)::real, coalesce(g.queue, 0), g.interface is not null, g.last_at,
		coalesce(p.dying, false), coalesce(p.stuck, false), coalesce(o.n, 0), coalesce(l.ages, '{0,0,0,0,0}'),
		l.oldest_at, l.unowned_at
	from orderly.interface i
	cross join lateral (
		select sum(r.done) as n, orderly.hist_sum(r.hist) as hist
		from orderly.rollup r
		where r.grain = 60 and r.interface = i.id
		  and r.at >= date_bin('1 minute', interface_facts.at - interval '1 hour', timestamptz 'epoch') and r.at < interface_facts.at
		offset 0) h
	left join gauges g on g.interface = i.id
	left join pulses p on p.interface = i.id
	left join letters l on l.interface = i.id
	left join overdue o on o.interface = i.id
	where i.id = any (ids);
end;

-- What is promised of each interface that is no ratio, and whether it is kept.
create function orderly.interface_promises(ids int[], at timestamptz)
returns table (interface int, quiet_until timestamptz, batch_at timestamptz, batch_late bool, silent_s bigint,
               queue_most bigint, dead_age_s bigint, slow_ms bigint)
language sql stable rows 200
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select i.id,
		case when i.maintenance <> '[]' then (
			select max(w.end_at) from orderly.maintenance_spans(i.maintenance, interface_promises.at, interface_promises.at) w
			where w.begin_at <= interface_promises.at and w.end_at > interface_promises.at) end,
		d.due_at,
		-- a batch has come when something was delivered since, or in the half of its period before
		d.due_at is not null and not exists (
			select from orderly.rollup r
			where r.grain = 60 and r.interface = i.id and r.done + r.recovered > 0 and r.at < interface_promises.at
			  and r.at >= date_bin('1 minute', d.due_at - make_interval(secs => least(coalesce(i.cadence_s, 86400), 86400) / 2),
			                       timestamptz 'epoch')),
		coalesce(f.threshold, 2 * i.cadence_s), q.threshold, a.threshold, l.threshold
	from orderly.interface i
	left join orderly.slo b on b.interface = i.code and b.measure = 'deadline'
	left join orderly.slo f on f.interface = i.code and f.measure = 'freshness'
	left join orderly.slo q on q.interface = i.code and q.measure = 'queue'
	left join orderly.slo a on a.interface = i.code and a.measure = 'dead_age'
	left join orderly.slo l on l.interface = i.code and l.measure = 'latency'
	left join lateral (
		select orderly.due_last(coalesce(b.due, i.batch_due),
			case when b.due is not null then b.zone else i.batch_zone end, interface_promises.at) as due_at) d on true
	where i.id = any (ids) and i.lifecycle <> 'retired';
end;

create function orderly.standings_of(ids int[], at timestamptz) returns setof orderly.standing
language sql stable rows 200
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select p.interface, s.state, standings_of.at,
		case s.state
			when 'maintenance' then 'being worked on'
			when 'breach' then w.measure || ' is missed'
			when 'late' then 'the batch has not come'
			when 'silent' then 'nothing comes'
			when 'at_risk' then case when w.warning then w.measure || ' burns its budget'
				when f.queue > p.queue_most then f.queue || ' wait, ' || p.queue_most || ' may'
				else 'a dead letter without an owner is too old' end
			when 'failing' then case when f.dying then 'messages die' else 'nothing gets through' end
			when 'slow' then f.overdue || ' overdue'
			when 'few' then 'too few to tell'
			when 'none' then case when f.known then 'no data in its window' else 'never heard of' end end,
		case s.state when 'maintenance' then p.quiet_until when 'late' then p.batch_at when 'silent' then f.last_at
			when 'at_risk' then case when not coalesce(w.warning, false) and not coalesce(f.queue > p.queue_most, false)
				then f.unowned_at end end,
		coalesce(w.paging, false), w.measure, w.objective_ppm, w.window_s, w.bad, w.total, w.burn, w.burn_short, w.burning,
		f.n_1h, f.p50, f.p95, f.p99, p.slow_ms, f.ages, f.oldest_at, f.overdue, f.last_at, p.batch_at, p.quiet_until
	from orderly.interface_promises(ids, standings_of.at) p
	join orderly.interface_facts(ids, standings_of.at) f on f.interface = p.interface
	left join orderly.objectives_worst(ids) w on w.interface = p.interface
	cross join lateral (select case
		when p.quiet_until is not null then 'maintenance'
		when w.missed then 'breach'
		when f.known and p.batch_late then 'late'
		when f.last_at < standings_of.at - make_interval(secs => p.silent_s) then 'silent'
		when w.warning or f.queue > p.queue_most
			or f.unowned_at < standings_of.at - make_interval(secs => p.dead_age_s) then 'at_risk'
		when f.dying or f.stuck then 'failing'
		when f.overdue > 0 then 'slow'
		when not f.known or w.total = 0 then 'none'
		when not w.enough then 'few'
		else 'ok' end as state) s;
end;

create function orderly.standings_keep(ids int[], at timestamptz) returns void
language sql
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	insert into orderly.standing as s
	select * from orderly.standings_of(ids, standings_keep.at) order by interface
	on conflict (interface) do update
	set since = case when s.state = excluded.state then s.since else excluded.since end,
		state = excluded.state, why = excluded.why, why_at = excluded.why_at, paging = excluded.paging,
		measure = excluded.measure, objective_ppm = excluded.objective_ppm, window_s = excluded.window_s,
		bad = excluded.bad, total = excluded.total, burn = excluded.burn, burn_short = excluded.burn_short,
		burning = excluded.burning, n_1h = excluded.n_1h, p50 = excluded.p50, p95 = excluded.p95, p99 = excluded.p99,
		slow_ms = excluded.slow_ms, ages = excluded.ages, oldest_at = excluded.oldest_at, overdue = excluded.overdue,
		last_at = excluded.last_at, batch_at = excluded.batch_at, quiet_until = excluded.quiet_until
	where (to_jsonb(s) - 'since') is distinct from (to_jsonb(excluded) - 'since');
	delete from orderly.standing s
	where s.interface = any (ids)
	  and s.interface in (select i.id from orderly.interface i where i.lifecycle = 'retired');
end;

-- A few interfaces a step, so that none holds the feed back for long. A round begins so often; what it
-- has kept counts as of its beginning.
create function orderly.duty_standings(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
set jit = off
as $$
declare
	k orderly.standings_kept;
	ids int[];
begin
	select * into k from orderly.standings_kept for update;
	if k.place is null then
		if clock_timestamp() between k.round_at and k.round_at + interval '15 seconds' then
			return 0;
		end if;
		k.round_at := clock_timestamp();
		k.place := -1;
		k.with_windows := k.round_at not between k.windows_at and k.windows_at + interval '55 seconds';
	end if;
	ids := array(select i.id from orderly.interface i where i.id > k.place order by i.id limit greatest(budget, 1));
	if ids = '{}' then
		update orderly.standings_kept s set at = k.round_at, place = null,
			windows_at = case when k.with_windows then k.round_at else k.windows_at end;
		return 0;
	end if;
	perform orderly.burns_keep(ids, k.round_at);
	if k.with_windows then
		perform orderly.objectives_keep(ids, k.round_at);
	end if;
	perform orderly.standings_keep(ids, k.round_at);
	update orderly.standings_kept s
	set round_at = k.round_at, place = ids[cardinality(ids)], with_windows = k.with_windows;
	return cardinality(ids);
end
$$;
insert into orderly.duty (name, every_ms, budget) values ('standings', 20000, 20);

grant execute on function orderly.rollup_ranges(timestamptz, timestamptz) to orderly_{store}_support,
	orderly_{store}_operator, orderly_{store}_approver;
