-- kind: transaction
-- Which systems are down: one answer for the screens and for whoever calls people.

set local role orderly_{store}_owner;

-- Each of these functions names the systems that one kind of evidence speaks against. since: from when
-- on, as far as it is known; at: when it was seen last; detail: in words, and without anything that a
-- scope would hide.

-- Odoo as the workers probe it: none of them reaches it, and it was not for once. Who answers and refuses
-- our key is not down. A probe that names no system is of the only Odoo there is.
create function orderly.system_down_odoo()
returns table (system text, since timestamptz, at timestamptz, how text, detail text)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with probe as materialized (
		select s.code, p.worker, p.at, p.ok or p.class in ('denied', 'canceled') as there, p.class, p.message,
			row_number() over (partition by s.code, p.worker order by p.id desc) as nr
		from (select o.code, count(*) over () as n from orderly.system o where o.kind = 'odoo') s
		join orderly.odoo_probe p on p.system = s.code or p.system = '' and s.n = 1
		where p.at > now() - interval '1 hour'
	)
	select p.code, coalesce((select min(q.at) from probe q where q.code = p.code and q.at >
			coalesce((select max(o.at) from probe o where o.code = p.code and o.there), '-infinity')), max(p.at)),
		max(p.at), 'probe', (array_agg(coalesce(p.message, p.class) order by p.at desc))[1]
	from probe p
	where p.nr <= 2 and p.at > now() - interval '3 minutes'
	group by p.code
	having not bool_or(p.there) and count(*) > 1;
end;

-- A target that rests because it could not be reached, unless something was delivered to it since.
create function orderly.system_down_relay()
returns table (system text, since timestamptz, at timestamptz, how text, detail text)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select t.target, t.changed_at, t.changed_at, 'relay',
		t.failures || ' replays in a row could not be sent (' || t.class || ')'
	from orderly.relay_target t
	where t.state in ('open', 'half_open') and t.class in ('transport', 'timeout', 'target')
	  and t.until > now() - interval '10 minutes'
	  and not exists (select from orderly.pulse p join orderly.interface i on i.id = p.interface
	                  where i.target = t.target and p.bucket >= t.changed_at and p.done > 0);
end;

-- Of all that went to it in the last minutes nothing arrived, and what failed could not connect.
create function orderly.system_down_traffic()
returns table (system text, since timestamptz, at timestamptz, how text, detail text)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with w as materialized (
		select date_bin('5 minutes', now() - interval '2 minutes', timestamptz 'epoch') as since
	),
	failing as materialized (
		select i.target as system
		from w join orderly.pulse p on p.bucket >= w.since
		join orderly.interface i on i.id = p.interface
		group by i.target
		having sum(p.done) = 0 and sum(p.failed) >= 3
	)
	select f.system, case when b.since < w.since then b.since else s.first end, s.last, 'traffic',
		'nothing that is sent to it arrives, and what fails could not connect'
	from failing f
	cross join w
	cross join lateral (
		select min(t.fail_at) as first, max(t.fail_at) as last, count(*) as n,
			count(*) filter (where t.class in ('transport', 'timeout')) as unconnected
		from orderly.interface i
		cross join lateral (
			(select d.class, d.fail_at from orderly.transaction d
			 where d.interface = i.id and d.state = 'dead' and d.at >= w.since order by d.at desc limit 50)
			union all
			(select r.class, r.fail_at
			 from (select * from orderly.transaction q where q.state = 'retrying' order by q.id desc limit 2000) r
			 where r.interface = i.id limit 50)) t
		where i.target = f.system and t.fail_at >= w.since) s
	cross join lateral (
		select min(p.bucket) as since
		from orderly.pulse p join orderly.interface i on i.id = p.interface
		where i.target = f.system and p.failed > 0 and p.bucket > coalesce(
			(select max(o.bucket) from orderly.pulse o join orderly.interface j on j.id = o.interface
			 where j.target = f.system and o.done > 0), '-infinity')) b
	where s.n >= 3 and s.unconnected * 10 >= s.n * 9;
end;

-- All of them together. A further kind of evidence is a further function, and a line here.
create function orderly.system_evidence()
returns table (system text, since timestamptz, at timestamptz, how text, detail text)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select * from orderly.system_down_odoo()
	union all
	select * from orderly.system_down_relay()
	union all
	select * from orderly.system_down_traffic();
end;

-- What a system stands on, however far down.
create function orderly.system_below(system text) returns table (below text)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with recursive down as (
		select unnest(s.depends_on) as code from orderly.system s where s.code = system_below.system
		union
		select unnest(s.depends_on) from down d join orderly.system s on s.code = d.code
	)
	select code from down where code <> system_below.system;
end;

-- The systems that are down, each once. because_of: the one below it that is down as well, and takes it
-- along: that one is the incident.
create function orderly.systems_down()
returns table (system text, since timestamptz, at timestamptz, how text, detail text, because_of text)
language sql stable rows 5
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with down as materialized (
		select e.system, min(e.since) as since, max(e.at) as at, string_agg(distinct e.how, ', ') as how,
			(array_agg(e.detail order by e.how = 'traffic', e.at desc))[1] as detail
		from orderly.system_evidence() e
		group by e.system
	)
	select d.system, d.since, d.at, d.how, d.detail,
		(select b.system from down b
		 where b.system in (select l.below from orderly.system_below(d.system) l)
		   and not d.system in (select l.below from orderly.system_below(b.system) l)
		 order by exists (select from down c where c.system in (select l.below from orderly.system_below(b.system) l)),
			b.since, b.system limit 1)
	from down d;
end;

-- The same for who has an interface from, to or above it in scope.
create function orderly.my_systems_down()
returns table (system text, since timestamptz, at timestamptz, how text, detail text, because_of text)
language sql stable security definer rows 5
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select d.*
	from orderly.systems_down() d
	where exists (
		select from orderly.interface i cross join lateral (values (i.source), (i.target)) e (code)
		where i.id = any ((select orderly.my_interfaces())::int[])
		  and (e.code = d.system or d.system in (select l.below from orderly.system_below(e.code) l)));
end;

grant execute on function orderly.my_systems_down() to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver;
