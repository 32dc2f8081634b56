-- kind: transaction
-- Stories: what an anomaly or a failure group is about, in sentences made from facts. Each is told within the
-- scope of who reads it, and none of them concludes anything.

set local role orderly_{store}_owner;

-- 0.0432 as "4.3 %".
create function orderly.percent_text(ppm double precision) returns text
language sql immutable parallel safe
return trim(to_char(ppm / 10000, 'FM999990.0')) || ' %';

create function orderly.samples_text(samples int) returns text
language sql immutable parallel safe
return abs(samples) || case when samples < 0 then ' days' else ' weeks' end || ' of this hour';

-- Some of several, as the beginning of a sentence.
create function orderly.share_text(n bigint, total bigint) returns text
language sql immutable parallel safe
return case when n < total then n || ' of ' || total when total = 1 then 'It' when total = 2 then 'Both' else 'All ' || total end;

-- In what these transactions differ from the others of their interface in that time: a facility, a partner
-- or a class of failure that at least half of them have in common, and at least 1.5 times as many of them as
-- of the others. The newest 5,000 others are looked at.
create function orderly.stand_out(ids bigint[], interface int, since timestamptz, upto timestamptz)
returns table (words text)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with these as materialized (
		select t.id, t.facility, m.partner, t.class
		from orderly.transaction t join orderly.message m on m.id = t.id
		where t.id = any (ids)
	),
	others as materialized (
		select n.facility, m.partner
		from (select t.id, t.facility, t.first_at from orderly.transaction t
		      where t.interface = stand_out.interface order by t.id desc limit 5000) n
		join orderly.message m on m.id = n.id
		where n.first_at >= stand_out.since - interval '1 hour' and n.first_at < stand_out.upto and n.id <> all (ids)
	),
	counts as (
		select (select count(*) from these) as these, (select count(*) from others) as others
	),
	part as (
		select 'facility' as what, f.code, f.title, (select count(*) from these t where t.facility = f.id) as these,
			(select count(*) from others o where o.facility = f.id) as others
		from orderly.facility f
		where f.id in (select t.facility from these t)
		union all
		select 'partner', p.code, p.title, (select count(*) from these t where t.partner = p.id),
			(select count(*) from others o where o.partner = p.id)
		from orderly.partner p
		where p.id in (select t.partner from these t)
	)
	select q.words
	from (select orderly.share_text(p.these, c.these) || case p.what when 'facility' then ' come from ' else ' concern the partner ' end || p.title || ' (' || p.code || '); '
			|| case when c.others = 0 then 'there is nothing else to compare them with'
				when p.others = 0 then 'none of the ' || c.others || ' others do'
				else 'of the others ' || p.others || ' of ' || c.others || ' do' end || '.' as words,
			1 as nr, p.these
	      from part p, counts c
	      where c.these >= 3 and p.these * 2 >= c.these
	        and p.these::double precision / c.these >= 1.5 * p.others / greatest(c.others, 1)
	      union all
	      select case when t.n = c.these then 'All ' || c.these else t.n || ' of ' || c.these end || ' failed with class '
			|| t.class || ' (' || e.title || ').', 2, t.n
	      from (select t.class, count(*) as n from these t where t.class is not null group by 1) t
	      join orderly.error_class e on e.code = t.class, counts c
	      where t.n * 2 >= c.these) q
	order by q.nr, q.these desc;
end;

-- What else happened to an interface and to the systems at its ends around that time.
create function orderly.around(interface int, began timestamptz)
returns table (at timestamptz, words text)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with i as materialized (select f.* from orderly.interface f where f.id = around.interface)
	select d.since, s.title || ' is down: ' || d.detail || '.'
	from i
	join orderly.my_systems_down() d on d.system in (i.source, i.target)
		or d.system in (select l.below from i j, orderly.system_below(j.target) l)
	join orderly.system s on s.code = d.system
	union all
	select v.at, 'The ' || v.kind || ' ' || v.code || ' was changed to version ' || v.version
		|| coalesce(' (proposed by ' || p.name || ': ' || c.reason || ')', '') || '.'
	from i
	join orderly.catalogue_version v on v.version > 1 and v.at >= began - interval '24 hours'
		and (v.kind = 'interface' and v.code = i.code or v.kind = 'system' and v.code in (i.source, i.target)
		     or v.kind = 'slo' and v.code ^@ (i.code || '/'))
	left join orderly.change c on c.id = v.change
	left join orderly.person p on p.id = c.proposer
	union all
	select n.at, 'A note says: ' || n.text
	from orderly.note n
	where n.object = 'interface' and n.object_id = around.interface and n.at >= began - interval '24 hours';
end;

-- An anomaly: what is seen and what is usual, in what it stands out, what happened around it, what else is
-- off at the same ends.
create function orderly.anomaly_story(id bigint)
returns table (at timestamptz, words text)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	a orderly.anomaly;
	f orderly.interface;
	ids bigint[];
	usually text;
begin
	select * into a from orderly.anomaly t where t.id = anomaly_story.id;
	if a.id is null then
		return;
	end if;
	select * into f from orderly.interface t where t.id = a.interface;
	usually := ' (' || orderly.samples_text(a.samples) || ').';
	return query select a.began_at, case a.measure
		when 'rate' then 'In an hour ' || round(a.seen) || ' messages of ' || f.title || ' came to an end; usually about '
			|| round(a.usual) || usually
		when 'latency' then orderly.percent_text(a.seen) || ' of the messages took more than twice the usual time; usually '
			|| orderly.percent_text(a.usual) || usually
		when 'failures' then orderly.percent_text(a.seen) || ' of the messages died; usually ' || orderly.percent_text(a.usual) || usually
		else orderly.percent_text(a.seen) || ' of the messages needed more than one attempt; usually '
			|| orderly.percent_text(a.usual) || usually end;
	if a.ended_at is not null then
		return query select a.ended_at, 'It is as usual again.'::text;
	end if;
	if a.measure = 'rate' then
		return query
			with hour as (
				select r.facility, sum(r.done + r.dead + r.late) filter (where r.at >= a.seen_at - interval '1 hour') as n,
					sum(r.done + r.dead + r.late) filter (where r.at < a.seen_at - interval '1 hour') / 4.0 as usual
				from generate_series(0, 4) w (nr)
				join orderly.rollup_facility r on r.grain = 60 and r.interface = a.interface
					and r.at >= a.seen_at - interval '1 hour' - w.nr * interval '7 days'
					and r.at < a.seen_at - w.nr * interval '7 days'
				group by r.facility
			)
			select null::timestamptz, p.title || ' (' || p.code || '): ' || coalesce(h.n, 0) || ' in that hour, usually about '
				|| round(coalesce(h.usual, 0)) || ' in the last four weeks.'
			from hour h join orderly.facility p on p.id = h.facility
			where abs(orderly.evened(coalesce(h.n, 0)) - orderly.evened(coalesce(h.usual, 0)::double precision)) >= 3
			order by abs(coalesce(h.n, 0) - coalesce(h.usual, 0)) desc, p.code
			limit 5;
	else
		select array_agg(n.id) into ids
		from (select t.* from orderly.transaction t where t.interface = a.interface order by t.id desc limit 5000) n
		where n.first_at >= a.began_at - interval '1 hour' and n.first_at < a.seen_at and case a.measure
			when 'failures' then n.state = 'dead'
			when 'retries' then n.attempt > 1 or n.failures > 0
			else n.state = 'done' and n.at - n.first_at > 2 * (
				select make_interval(secs => r.latency[orderly.rhythm_slot(n.first_at, r.zone) + 1] / 1000)
				from orderly.rhythm r where r.interface = a.interface) end;
		return query select null::timestamptz, s.words
			from orderly.stand_out(coalesce(ids, '{}'), a.interface, a.began_at, a.seen_at) s;
	end if;
	return query select x.at, x.words from orderly.around(a.interface, a.began_at) x order by x.at;
	return query
		select b.began_at, 'So is ' || o.title || ' (' || o.code || '): its ' || b.measure || case when b.off < 0 then ' is low' else '' end
			|| ', with the same ' || case when o.target = f.target then 'target ' || o.target else 'source ' || o.source end || '.'
		from orderly.anomaly b join orderly.interface o on o.id = b.interface
		where b.id <> a.id and b.ended_at is null and a.ended_at is null and (o.target = f.target or o.source = f.source)
		order by o.target = f.target desc, b.affected desc
		limit 10;
	return query select a.dismissed_at, p.name || ' dismissed it: ' || a.dismissal
		from orderly.person p where p.id = a.dismissed_by;
end
$$;

-- A failure group: how many, since when, in what they stand out, what was tried, whose it is, and what
-- happened around its beginning.
create function orderly.group_story(id bigint)
returns table (at timestamptz, words text)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	g orderly.failure_group;
	f orderly.interface;
	ids bigint[];
	since timestamptz;
begin
	select * into g from orderly.failure_group t where t.id = group_story.id;
	if g.id is null then
		return;
	end if;
	select * into f from orderly.interface t where t.id = g.interface;
	select array_agg(l.id), min(l.at) into ids, since
	from (select d.id, d.at from orderly.dead_letter d where d.failure_group = g.id and d.unresolved
	      order by d.at desc, d.id desc limit 2000) l;
	return query select coalesce(since, g.first_at), case when cardinality(ids) > 0
		then case when cardinality(ids) = 1 then 'One message of ' else
			cardinality(ids) || case when cardinality(ids) = 2000 then ' and more' else '' end || ' messages of ' end
			|| f.title || ' (' || f.source || ' to ' || f.target || ') are dead and unresolved: ' || g.signature
		else 'Nothing of it is unresolved: ' || g.signature end;
	return query select g.first_at, 'It was first seen, and ' || g.total || ' in all have died of it'
		|| case when g.reopened > 0 then '; it came back ' || g.reopened || case when g.reopened = 1 then ' time' else ' times' end
			|| ' after it had been closed' else '' end || '.';
	return query select null::timestamptz, s.words
		from orderly.stand_out(coalesce(ids, '{}'), g.interface, coalesce(since, g.first_at), g.last_at + interval '1 second') s;
	return query select null::timestamptz, r.again || ' of its messages failed again after a replay; ' || r.done
			|| ' were delivered by one.'
		from (select count(*) filter (where d.failed_again > 0) as again,
		             count(*) filter (where d.state = 'resolved' and d.replayed_as is not null) as done
		      from orderly.dead_letter d where d.failure_group = g.id) r
		where r.again + r.done > 0;
	return query select null::timestamptz, case when g.owner is not null then (select p.name from orderly.person p where p.id = g.owner)
			|| ' owns the group.' else 'Nobody owns the group'
			|| case when g.unowned > 0 then '; ' || g.unowned || ' of its messages have no owner either' else '' end || '.' end
		where g.unresolved > 0;
	return query select x.at, x.words from orderly.around(g.interface, coalesce(since, g.first_at)) x order by x.at;
	return query
		select o.first_at, 'At the same time ' || i.title || ' (' || i.code || ') began to fail with class ' || o.class || ': ' || o.signature
		from orderly.failure_group o join orderly.interface i on i.id = o.interface
		where o.id <> g.id and o.unresolved > 0 and (i.target = f.target or i.source = f.source)
		  and o.first_at between g.first_at - interval '15 minutes' and g.first_at + interval '15 minutes'
		order by o.unresolved desc
		limit 5;
end
$$;

alter table orderly.rhythm enable row level security;
create policy rhythm_read on orderly.rhythm for select
	using (interface = any ((select orderly.my_interfaces())::int[]));
grant select on orderly.rhythm to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;
grant execute on function orderly.percent_text(double precision), orderly.samples_text(int), orderly.share_text(bigint, bigint),
	orderly.stand_out(bigint[], int, timestamptz, timestamptz), orderly.around(int, timestamptz),
	orderly.anomaly_story(bigint), orderly.group_story(bigint), orderly.evened(double precision), orderly.rhythm_slot(timestamptz, text),
	orderly.system_below(text)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;
