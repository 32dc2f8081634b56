-- kind: transaction
-- When batches are due, and which of their runs were in time.

set local role orderly_{store}_owner;

-- When the batches of the interfaces that have a time of the day are due, in that zone.
create function orderly.batch_dues(interfaces int[], since timestamptz, upto timestamptz)
returns table (interface int, due_at timestamptz)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select i.id, s.due_at
	from orderly.interface i
	cross join lateral (
		select (d.day + i.batch_due) at time zone coalesce(i.batch_zone, 'UTC') as due_at
		from generate_series(date_trunc('day', since at time zone coalesce(i.batch_zone, 'UTC')),
		                     upto at time zone coalesce(i.batch_zone, 'UTC'), interval '1 day') d (day)) s
	where i.id = any (interfaces) and i.batch_due is not null and i.lifecycle not in ('draft', 'retired')
	  and s.due_at >= since and s.due_at < upto;
end;

-- The runs of batch interfaces, each with the time at which it was due, and the due times that no run is
-- for. A run is for the due time that is nearest to its start; where there is no time of the day, it is due
-- one cadence after the run before. state: that of the run's transaction; else expected, late (nothing has
-- come yet), missed (the next one is nearer), none (it has never run, and nobody says when it is due).
-- late: how much later than due it was over; a tenth of a cadence is no delay.
-- A due time before the first run, and before the interface was in the catalogue, is none.
create function orderly.batch_slots(interfaces int[], since timestamptz, upto timestamptz)
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
		cross join lateral ( -- so that only the index by interface has this order: by number alone all would be read
			select r.* from orderly.transaction r
			where (r.interface, r.id) >= (b.id, -9223372036854775807) and (r.interface, r.id) <= (b.id, 9223372036854775807)
			order by r.interface desc, r.id desc limit 50) t
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

grant execute on function orderly.batch_dues(int[], timestamptz, timestamptz),
	orderly.batch_slots(int[], timestamptz, timestamptz)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;
