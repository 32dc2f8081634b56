-- kind: transaction
-- What the objectives make of the roll-ups: burn rates in two windows each, and what is left of a budget.

set local role orderly_{store}_owner;

-- How many took longer than what lies in that bucket. Whoever asks for many looks first whether the last
-- bucket lies beyond it: it seldom does, and a call costs more than that look.
create function orderly.hist_over(hist int[], bucket int) returns bigint
language sql immutable parallel safe
return (select coalesce(sum(hist[i * 2]), 0) from generate_series(1, cardinality(hist) / 2) i
        where hist[i * 2 - 1] > bucket);

-- The counts of each interface in a window, from whole hours and the minutes at its ends. over: those
-- that took longer than the interface's latency objective allows, and those that are late.
create function orderly.rollup_counts(since timestamptz, upto timestamptz)
returns table (interface int, done bigint, dead bigint, late bigint, retried bigint, recovered bigint, over bigint)
language sql stable rows 200
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with edge as materialized (
		select date_bin('1 minute', since, timestamptz 'epoch') as first,
			date_bin('1 hour', since + interval '1 hour' - interval '1 microsecond', timestamptz 'epoch') as full_from,
			greatest(date_bin('1 hour', upto, timestamptz 'epoch'),
				date_bin('1 hour', since + interval '1 hour' - interval '1 microsecond', timestamptz 'epoch')) as full_to
	),
	aim as materialized (
		select i.id, orderly.latency_bucket(s.threshold) as bucket
		from orderly.interface i
		left join orderly.slo s on s.interface = i.code and s.measure = 'latency'
	)
	select a.id, c.done, c.dead, c.late, c.retried, c.recovered, c.over + c.late
	from edge e
	cross join aim a
	cross join lateral (
		select sum(r.done) as done, sum(r.dead) as dead, sum(r.late) as late, sum(r.retried) as retried,
			sum(r.recovered) as recovered,
			sum(case when r.hist[cardinality(r.hist) - 1] > a.bucket
				then orderly.hist_over(r.hist, a.bucket) else 0 end)::bigint as over
		from (
			select h.* from orderly.rollup h
			where h.grain = 3600 and h.interface = a.id and h.at >= e.full_from and h.at < e.full_to
			union all
			select m.* from orderly.rollup m
			where m.grain = 60 and m.interface = a.id and m.at >= e.first and m.at < least(e.full_from, upto)
			union all
			select m.* from orderly.rollup m
			where m.grain = 60 and m.interface = a.id and m.at >= e.full_to and m.at < upto) r
		having count(*) > 0) c;
end;

-- What of those counts lies in maintenance windows, to the minute.
create function orderly.rollup_quiet(since timestamptz, upto timestamptz)
returns table (interface int, done bigint, dead bigint, late bigint, over bigint)
language sql stable rows 10
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select i.id, sum(r.done), sum(r.dead), sum(r.late),
		sum(case when r.hist[cardinality(r.hist) - 1] > s.bucket
			then orderly.hist_over(r.hist, s.bucket) else 0 end)::bigint + sum(r.late)
	from orderly.interface i
	left join lateral (
		select orderly.latency_bucket(o.threshold) as bucket from orderly.slo o
		where o.interface = i.code and o.measure = 'latency') s on true
	join orderly.rollup r on r.grain = 60 and r.interface = i.id
		and r.at >= date_bin('1 minute', rollup_quiet.since, timestamptz 'epoch') and r.at < rollup_quiet.upto
	where i.maintenance <> '[]' and exists (
		select from orderly.maintenance_spans(i.maintenance, rollup_quiet.since, rollup_quiet.upto) w
		where r.at >= date_bin('1 minute', w.begin_at, timestamptz 'epoch') and r.at < w.end_at)
	group by i.id;
end;

-- Both windows must burn faster than this many tenths of the rate that would use the budget up exactly
-- at the end of thirty days.
create table orderly.burn_rule (
	nr smallint primary key,
	long_s int not null,
	short_s int not null,
	tenths int not null,
	severity text not null check (severity in ('warning', 'page'))
);
insert into orderly.burn_rule values
	(1, 3600, 300, 144, 'page'),
	(2, 21600, 1800, 60, 'page'),
	(3, 86400, 7200, 30, 'warning'),
	(4, 259200, 21600, 10, 'warning');

-- Whether the budget burns faster than that. The factors are for thirty days and scale with the window
-- of the objective. Nothing is divided, so nothing is rounded.
create function orderly.burns(bad bigint, total bigint, objective_ppm int, tenths int, window_s int) returns bool
language sql immutable parallel safe
return coalesce(total > 0 and bad::numeric * 1000000 * 10 * 2592000
	> tenths::numeric * window_s * total * (1000000 - objective_ppm), false);

-- The same as a number for people: how many times the sustainable rate, in hundredths. NULL without data.
create function orderly.burn_rate(bad bigint, total bigint, objective_ppm int) returns bigint
language sql immutable parallel safe
return case when total > 0 and objective_ppm < 1000000
	then floor(bad::numeric * 100 * 1000000 / (total::numeric * (1000000 - objective_ppm)))::bigint end;

-- What is left of the error budget, in parts per million of it; below zero when it is overdrawn.
create function orderly.budget_left(bad bigint, total bigint, objective_ppm int) returns bigint
language sql immutable parallel safe
return case when total > 0 and objective_ppm < 1000000
	then 1000000 - ceil(bad::numeric * 1000000 * 1000000 / (total::numeric * (1000000 - objective_ppm)))::bigint end;

-- Every burn rule on every objective of success and latency. state: burning, fine, few (under the
-- objective's minimum count in the long window), none (no data, which is not good), maintenance (at that
-- time the interface is being worked on). What falls into maintenance windows counts in none of them.
create function orderly.burn_states(at timestamptz default now())
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
		from span s, lateral orderly.rollup_quiet(burn_states.at - make_interval(secs => s.seconds), burn_states.at) q
	),
	counts as materialized (
		select s.seconds, c.interface, c.done - coalesce(q.done, 0) as done, c.dead - coalesce(q.dead, 0) as dead,
			c.late - coalesce(q.late, 0) as late, c.over - coalesce(q.over, 0) as over
		from span s
		cross join lateral orderly.rollup_counts(burn_states.at - make_interval(secs => s.seconds), burn_states.at) c
		left join quiet q on q.seconds = s.seconds and q.interface = c.interface
	),
	judged as (
		select i.id as interface, o.measure, b.nr, b.severity, o.objective_ppm, b.tenths, o.window_s, o.min_count,
			i.maintenance <> '[]' and exists (
				select from orderly.maintenance_spans(i.maintenance, burn_states.at, burn_states.at) w
				where w.begin_at <= burn_states.at and w.end_at > burn_states.at) as quiet,
			coalesce(case o.measure when 'success' then l.dead else l.over end, 0) as long_bad,
			coalesce(case o.measure when 'success' then l.done + l.dead else l.done + l.late end, 0) as long_total,
			coalesce(case o.measure when 'success' then s.dead else s.over end, 0) as short_bad,
			coalesce(case o.measure when 'success' then s.done + s.dead else s.done + s.late end, 0) as short_total
		from orderly.slo o
		join orderly.interface i on i.code = o.interface
		cross join orderly.burn_rule b
		left join counts l on l.interface = i.id and l.seconds = b.long_s
		left join counts s on s.interface = i.id and s.seconds = b.short_s
		where o.measure in ('success', 'latency')
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

-- The same within the session's scope.
create function orderly.my_burn_states(at timestamptz default now())
returns table (interface int, measure text, rule smallint, severity text, long_bad bigint, long_total bigint,
               short_bad bigint, short_total bigint, state text)
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select b.* from orderly.burn_states(my_burn_states.at) b
	where b.interface = any ((select orderly.my_interfaces())::int[]);
end;

grant select on orderly.burn_rule to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin;
grant execute on function orderly.my_burn_states(timestamptz), orderly.hist_over(int[], int),
	orderly.burns(bigint, bigint, int, int, int), orderly.burn_rate(bigint, bigint, int),
	orderly.budget_left(bigint, bigint, int)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;
