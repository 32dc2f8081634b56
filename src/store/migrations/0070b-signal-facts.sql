-- part
-- The facts that rules are held against, as they are at a moment: each function gives some measures of
-- all objects that have any, and nothing of those without data. own: what the interface's objective says.

create function orderly.span_words(s bigint) returns text
language sql immutable parallel safe
return case when s < 0 then '-' else '' end || case
	when abs(s) < 120 then abs(s) || ' s'
	when abs(s) < 7200 then abs(s) / 60 || ' min'
	when abs(s) < 172800 then abs(s) / 3600 || ' h ' || abs(s) % 3600 / 60 || ' min'
	else abs(s) / 86400 || ' d' end;

create type orderly.signal_fact as (
	measure text,
	aspect text,
	object text,
	interface int,
	system text,
	amount bigint,
	own bigint,
	value text
);

create function orderly.seconds_since(at timestamptz, now_at timestamptz) returns bigint
language sql immutable parallel safe
return floor(extract(epoch from now_at - at))::bigint;

-- Burn rules on objectives.
create function orderly.signal_burns(at timestamptz) returns setof orderly.signal_fact
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select 'burn', b.rule::text, i.code || '/' || b.measure, b.interface, null, 1::bigint, null::bigint,
		'burns ' || round(orderly.burn_rate(b.long_bad, b.long_total, o.objective_ppm) / 100.0, 1)
			|| ' times what its budget allows: ' || b.long_bad || ' bad of ' || b.long_total || ' in '
			|| orderly.span_words(u.long_s)
	from orderly.burn_states(signal_burns.at) b
	join orderly.interface i on i.id = b.interface
	join orderly.slo o on o.interface = i.code and o.measure = b.measure
	join orderly.burn_rule u on u.nr = b.rule
	where b.state = 'burning';
end;

-- What comes, waits, and is tried again. When a batch is late is told by interface_promises().
create function orderly.signal_flows(at timestamptz) returns setof orderly.signal_fact
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with live as materialized (
		select i.id, i.code, i.cadence_s, coalesce(i.batch_zone, 'UTC') as zone
		from orderly.interface i where i.lifecycle in ('live', 'coexisting', 'deprecated')
	),
	gauges as materialized (
		select g.interface, sum(g.waiting + g.retrying)::bigint as queue, max(g.last_at) as last_at
		from orderly.gauge g group by g.interface
	),
	pulses as materialized (
		select p.interface, sum(p.born)::bigint as born, sum(p.done + p.dead)::bigint as gone,
			sum(p.done)::bigint as done, sum(p.failed)::bigint as failed
		from orderly.pulse p
		where p.bucket > signal_flows.at - interval '20 minutes' and p.bucket <= signal_flows.at
		group by p.interface
	),
	aims as materialized (
		select o.interface, o.measure, case o.measure when 'queue' then o.threshold
			else (1000000 - o.objective_ppm) / 10000 end as own
		from orderly.slo o where o.measure in ('queue', 'retry')
	)
	select 'silence', null::text, l.code, l.id, null::text,
		orderly.seconds_since(g.last_at, signal_flows.at) * 100 / l.cadence_s, null::bigint,
		'nothing for ' || orderly.span_words(orderly.seconds_since(g.last_at, signal_flows.at)) || ', expected every '
			|| orderly.span_words(l.cadence_s)
	from live l join gauges g on g.interface = l.id
	where l.cadence_s is not null and g.last_at < signal_flows.at
	union all
	select 'batch', null, l.code, l.id, null, orderly.seconds_since(p.batch_at, signal_flows.at), null,
		'due ' || to_char(p.batch_at at time zone l.zone, 'HH24:MI') || ', '
			|| orderly.span_words(orderly.seconds_since(p.batch_at, signal_flows.at)) || ' late'
	from orderly.interface_promises(array(select l.id from live l), signal_flows.at) p
	join live l on l.id = p.interface
	join gauges g on g.interface = l.id
	where p.batch_late
	union all
	select 'queue', null, l.code, l.id, null, g.queue, a.own, g.queue || ' wait or are retried'
	from live l join gauges g on g.interface = l.id
	left join aims a on a.interface = l.code and a.measure = 'queue'
	where g.queue > 0
	union all
	select 'queue_growth', null, l.code, l.id, null, least(p.born - p.gone, g.queue), null,
		p.born || ' came in a quarter of an hour and ' || p.gone || ' went, ' || g.queue || ' wait'
	from live l join pulses p on p.interface = l.id join gauges g on g.interface = l.id
	where least(p.born - p.gone, g.queue) > 0
	union all
	select 'retries', null, l.code, l.id, null, p.failed * 100 / (p.failed + p.done), a.own,
		p.failed || ' of ' || p.failed + p.done || ' attempts failed in a quarter of an hour'
	from live l join pulses p on p.interface = l.id
	left join aims a on a.interface = l.code and a.measure = 'retry'
	where p.failed >= 5;
end;

-- What is refused, what was not acknowledged. Looks at what waits and has died lately, not at every event.
create function orderly.signal_refusals(at timestamptz) returns setof orderly.signal_fact
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with refused as materialized (
		select t.interface, t.code ~* 'signature' or t.text ~* '\msignature' as signed
		from (select q.interface, q.class, q.code, q.text, q.fail_at from orderly.transaction q
		      where q.state = 'retrying' order by q.id desc limit 2000) t
		where t.class = 'auth' and t.fail_at > signal_refusals.at - interval '15 minutes'
		union all
		select i.id, d.code ~* 'signature' or d.text ~* '\msignature'
		from (select distinct p.interface as id from orderly.pulse p
		      where p.bucket > signal_refusals.at - interval '20 minutes' and p.dead > 0) i
		cross join lateral (
			select t.class, t.code, t.text from orderly.transaction t
			where t.interface = i.id and t.state = 'dead' and t.at > signal_refusals.at - interval '15 minutes'
			order by t.at desc limit 500) d
		where d.class = 'auth'
	),
	late as materialized (
		select t.interface, min(t.at) as at, count(*) as n
		from (select q.interface, q.rank, q.at from orderly.transaction q
		      where q.state = 'running' order by q.id limit 2000) t
		where t.rank = 65
		group by t.interface
	)
	select case when r.signed then 'signature' else 'auth' end, null::text, i.code, i.id, null::text, count(*), null::bigint,
		count(*) || case when r.signed then ' signatures were wrong' else ' were refused for their credentials' end
			|| ' in a quarter of an hour'
	from refused r join orderly.interface i on i.id = r.interface
	where not r.signed or i.style = 'webhook'
	group by r.signed, i.code, i.id
	union all
	select 'unacknowledged', null, i.code, i.id, null, orderly.seconds_since(l.at, signal_refusals.at), null,
		l.n || ' wait for an acknowledgement, the oldest for '
			|| orderly.span_words(orderly.seconds_since(l.at, signal_refusals.at))
	from late l join orderly.interface i on i.id = l.interface;
end;

-- Dead letters and replays that wait for people.
create function orderly.signal_cases(at timestamptz) returns setof orderly.signal_fact
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with open_groups as materialized (
		select g.interface, sum(g.unresolved)::bigint as unresolved, sum(g.unowned)::bigint as unowned
		from orderly.failure_group g where g.unresolved > 0 group by g.interface
	)
	select 'dead_age', null::text, i.code, i.id, null::text, orderly.seconds_since(d.at, signal_cases.at), o.threshold,
		'the oldest of ' || g.unresolved || ' has waited for '
			|| orderly.span_words(orderly.seconds_since(d.at, signal_cases.at))
	from open_groups g
	join orderly.interface i on i.id = g.interface
	cross join lateral (
		select l.at from orderly.dead_letter l
		where l.interface = i.id and l.unresolved and l.state <> 'snoozed' order by l.at, l.id limit 1) d
	left join orderly.slo o on o.interface = i.code and o.measure = 'dead_age'
	union all
	select 'unowned', null, i.code, i.id, null, g.unowned, null, g.unowned || ' of ' || g.unresolved || ' have no owner'
	from open_groups g join orderly.interface i on i.id = g.interface
	where g.unowned > 0
	union all
	select 'in_doubt', null, i.code, i.id, null, count(*), null, count(*) || ' may have arrived'
	from orderly.replay_item t join orderly.interface i on i.id = t.interface
	where t.state = 'in_doubt'
	group by i.code, i.id
	union all
	select 'review', null, 'replay ' || q.id, q.interfaces[1], null, orderly.seconds_since(q.review_due, signal_cases.at), null,
		'an emergency, its review was due ' || orderly.span_words(orderly.seconds_since(q.review_due, signal_cases.at)) || ' ago'
	from orderly.replay_request q
	where q.review_due is not null and q.reviewed_at is null;
end;

-- The workers that should be at work: heard of within a day, without a goodbye, and not followed by another on
-- the same host, as after a crash.
create function orderly.workers_due(at timestamptz default clock_timestamp()) returns setof orderly.worker
language sql stable rows 10
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select w.*
	from orderly.worker w
	where w.beat_at > workers_due.at - interval '1 day' and not w.detail @> '{"ended": true}'
	  and not exists (select from orderly.worker o where o.detail ->> 'host' = w.detail ->> 'host'
	                  and o.name <> w.name and o.started_at > w.beat_at);
end;

-- The machinery itself: roll-ups and readers, workers, duties.
create function orderly.signal_machinery(at timestamptz) returns setof orderly.signal_fact
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return query
	select 'held_back', null::text, 'roll-ups', null::int, null::text,
		least(orderly.seconds_since(r.reach, signal_machinery.at), 31536000), null::bigint,
		'reach up to ' || to_char(r.reach at time zone 'UTC', 'MM-DD HH24:MI:SS') || 'Z'
	from orderly.rollup_reach() r where r.behind and isfinite(r.reach) and r.reach < signal_machinery.at
	union all
	select 'held_back', null, 'readers', null, null, floor(h.held_s)::bigint, null,
		concat_ws(', ', 'held back for ' || orderly.span_words(floor(h.held_s)::bigint), 'by pid ' || h.pid, h.who, h.what)
	from orderly.feed_horizon() h where h.held_s >= 1
	union all
	select 'worker', null, w.name, null, null, orderly.seconds_since(w.beat_at, signal_machinery.at), null,
		'not heard of for ' || orderly.span_words(orderly.seconds_since(w.beat_at, signal_machinery.at))
	from orderly.workers_due(signal_machinery.at) w
	where w.beat_at < signal_machinery.at - interval '30 seconds'
	union all
	select 'duty', null, d.name, null, null,
		orderly.seconds_since(coalesce(d.done_at, d.failed_at), signal_machinery.at), null,
		coalesce('done last ' || to_char(d.done_at at time zone 'UTC', 'MM-DD HH24:MI') || 'Z', 'never done') || ', and fails'
	from orderly.duty d where d.failure is not null;
end
$$;

-- Systems that are down. system: the one because of which it is.
create function orderly.signal_systems(at timestamptz) returns setof orderly.signal_fact
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select 'system', null::text, d.system, null::int, d.because_of, 1::bigint, null::bigint,
		d.detail || coalesce(', since ' || to_char(d.since at time zone 'UTC', 'HH24:MI') || 'Z', '')
	from orderly.systems_down() d;
end;

-- All of them.
create function orderly.signal_facts(at timestamptz) returns setof orderly.signal_fact
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select * from orderly.signal_burns(signal_facts.at)
	union all select * from orderly.signal_flows(signal_facts.at)
	union all select * from orderly.signal_refusals(signal_facts.at)
	union all select * from orderly.signal_cases(signal_facts.at)
	union all select * from orderly.signal_machinery(signal_facts.at)
	union all select * from orderly.signal_systems(signal_facts.at);
end;
grant execute on function orderly.workers_due(timestamptz) to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin;
