-- kind: transaction
-- A handover begins with the systems that are down; and what was due before an interface was there is not
-- called missed.

set local role orderly_{store}_owner;

insert into orderly.handover_kind values ('system', 9, 'broken', true);

create or replace function orderly.handover_broken(mine int[])
returns table (kind text, ref text, interface int, title text, detail jsonb)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with burn as materialized (
		select b.*, i.code from orderly.burn_states() b join orderly.interface i on i.id = b.interface
		where b.interface = any (mine)
	),
	objective as materialized (
		select b.code || '/' || b.measure as name, case when bool_or(b.state = 'burning') then 'burning'
			when bool_or(b.state = 'maintenance') then 'in maintenance' when bool_or(b.state = 'fine') then 'fine'
			when bool_or(b.state = 'few') then 'with too few to tell' else 'without data' end as state
		from burn b group by b.code, b.measure
	)
	select 'system', d.system, null::int, s.title || ' is down'
			|| coalesce(' since ' || to_char(d.since at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC', '')
			|| coalesce(', because ' || d.because_of || ' is', ''),
		jsonb_build_object('owner', s.owner, 'how', d.how, 'detail', d.detail, 'vendor',
			nullif(concat_ws(', ', s.vendor, s.vendor_contact), ''), 'escalation', s.escalation)
	from orderly.my_systems_down() d join orderly.system s on s.code = d.system
	union all
	select 'objectives', 'all', null::int, (
			select 'objectives: ' || string_agg(s.n || ' ' || s.state, ', ' order by s.n desc, s.state)
			from (select o.state, count(*) as n from objective o group by 1) s),
		jsonb_object_agg(g.state, g.names)
	from (select o.state, jsonb_agg(o.name order by o.name) as names from objective o group by 1) g
	having count(*) > 0
	union all
	select 'objective', b.code || '/' || b.measure, b.interface, b.code || ': ' || b.measure || ' burns its budget',
		jsonb_build_object('rules', jsonb_agg(jsonb_build_object('rule', b.rule, 'severity', b.severity,
			'bad', b.long_bad, 'total', b.long_total) order by b.rule))
	from burn b where b.state = 'burning' group by b.code, b.measure, b.interface
	union all
	select 'failures', g.id::text, g.interface, i.code || ': ' || g.signature,
		jsonb_build_object('class', g.class, 'unresolved', g.unresolved, 'unowned', g.unowned, 'since', g.first_at,
			'last', g.last_at, 'owner', coalesce(p.name, w.names), 'snoozed_until', g.snoozed_until, 'note', (
			select n.text from orderly.note n
			where n.object = 'failure_group' and n.object_id = g.id order by n.id desc limit 1))
	from orderly.failure_group g join orderly.interface i on i.id = g.interface
	left join orderly.person p on p.id = g.owner
	left join lateral ( -- whoever owns some of them, where nobody owns the whole
		select string_agg(distinct q.name, ', ') as names
		from orderly.dead_letter l join orderly.person q on q.id = l.owner
		where g.unowned < g.unresolved and l.failure_group = g.id and l.unresolved) w on true
	where g.unresolved > 0 and g.interface = any (mine);
end;

-- As before; but a due time before the first run, and before the interface was in the catalogue, is none.
create or replace function orderly.batch_slots(interfaces int[], since timestamptz, upto timestamptz)
returns table (interface int, due_at timestamptz, transaction bigint, started_at timestamptz, ended_at timestamptz,
               state text, late interval)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with batch as materialized (
		select i.id, i.batch_due is not null as timed, make_interval(secs => i.cadence_s) as cadence, (
			select v.at from orderly.catalogue_version v
			where v.kind = 'interface' and v.code = i.code order by v.version limit 1) as made_at
		from orderly.interface i
		where i.id = any (interfaces) and i.timing = 'batch' and i.lifecycle not in ('draft', 'retired')
	),
	run as materialized (
		select b.id as interface, b.timed, b.cadence, t.id, t.state, t.first_at,
			case when t.state in ('done', 'dead', 'cancelled', 'filtered') then t.at end as ended_at,
			lag(t.first_at) over w as before_at, row_number() over w = count(*) over (partition by b.id) as newest
		from batch b
		cross join lateral (select r.* from orderly.transaction r where r.interface = b.id order by r.id desc limit 50) t
		window w as (partition by b.id order by t.first_at, t.id)
	),
	due as materialized (
		select d.* from orderly.batch_dues(interfaces, since - interval '1 day', upto + interval '1 day') d
		join batch b on b.id = d.interface
	),
	placed as materialized (
		select r.*, case when r.timed then (
				select d.due_at from due d where d.interface = r.interface
				order by greatest(d.due_at - r.first_at, r.first_at - d.due_at) limit 1)
			else r.before_at + r.cadence end as due_at
		from run r where r.first_at >= since - interval '1 day' and r.first_at < upto
	),
	slot as (
		select p.interface, p.due_at, p.id, p.first_at, p.ended_at, p.state, case when p.timed
			then coalesce(p.ended_at, now()) - p.due_at
			else p.first_at - p.due_at - p.cadence / 10 end as over, p.cadence / 10 as grace, p.timed
		from placed p where p.first_at >= since or p.due_at >= since
		union all
		select d.interface, d.due_at, null, null, null, case when d.due_at > now() then 'expected'
			when d.due_at > now() - interval '12 hours' then 'late' else 'missed' end, now() - d.due_at, null, true
		from due d join batch b on b.id = d.interface
		where d.due_at >= since and d.due_at < upto
		  and not exists (select from placed p where p.interface = d.interface and p.due_at = d.due_at)
		  and (d.due_at > b.made_at or d.due_at > (select min(r.first_at) from run r where r.interface = d.interface))
		union all
		select r.interface, r.first_at + r.cadence, null, null, null, case
				when r.first_at + r.cadence * 1.1 > now() then 'expected' else 'late' end,
			now() - r.first_at - r.cadence * 1.1, r.cadence / 10, false
		from run r where r.newest and not r.timed and r.cadence is not null and r.first_at + r.cadence < upto
		union all
		select b.id, null, null, null, null, 'none', null, null, false
		from batch b where not b.timed and not exists (select from run r where r.interface = b.id)
	)
	select s.interface, s.due_at, s.id, s.first_at, s.ended_at, s.state,
		case when s.over > interval '0' and s.state <> 'missed'
			then s.over + case when s.timed then interval '0' else s.grace end end
	from slot s;
end;
