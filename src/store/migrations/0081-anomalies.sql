-- kind: transaction
-- Anomalies: an interface that does something else than it usually does at that hour of the week. They say
-- so to people and do nothing else.

set local role orderly_{store}_owner;

create table orderly.anomaly (
	id bigint generated always as identity primary key,
	interface int not null,
	measure text not null check (measure in ('rate', 'latency', 'failures', 'retries')),
	began_at timestamptz not null, -- the end of the first hour that was off
	seen_at timestamptz not null, -- and of the last
	ended_at timestamptz,
	off real not null, -- widths, below zero where it is too little
	most_off real not null,
	seen double precision not null, -- per hour, or parts per million
	usual double precision not null,
	affected bigint not null, -- transactions, at the most in an hour
	samples int not null,
	dismissed_at timestamptz,
	dismissed_by int references orderly.person (id),
	dismissal text
);
create unique index anomaly_open on orderly.anomaly (interface, measure) where ended_at is null;
create index anomaly_ended on orderly.anomaly (ended_at) where ended_at is not null;

-- What is worth saying: far out of the interface's own width, and twice as much (or half as many) besides.
create function orderly.anomalous(measure text, off real, seen double precision, usual double precision, affected bigint)
returns bool
language sql immutable parallel safe
return abs(off) >= 4.5 and affected >= 5 and case
	when off < 0 then measure = 'rate' and seen <= usual / 2
	when measure = 'rate' then seen >= usual * 3
	else seen >= usual * 2 end;

-- Holds the hour that ends then against all rhythms that are known. An anomaly ends when its hour is back
-- within half of what would begin one.
create function orderly.anomalies_look(upto timestamptz) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	look record;
begin
	with hour as materialized (
		select r.* from orderly.rhythm_now(upto) r
	),
	over as (
		update orderly.anomaly a set ended_at = upto
		where a.ended_at is null
		  and not exists (select from hour h
		                  where h.interface = a.interface and h.measure = a.measure and h.off * sign(a.off) >= 2.25)
		returning 1
	),
	still as (
		update orderly.anomaly a
		set seen_at = upto, off = h.off, seen = h.seen, usual = h.usual, samples = h.samples,
			affected = greatest(a.affected, h.affected),
			most_off = case when abs(h.off) > abs(a.most_off) then h.off else a.most_off end
		from hour h
		where a.ended_at is null and h.interface = a.interface and h.measure = a.measure and h.off * sign(a.off) >= 2.25
		returning 1
	),
	new as (
		insert into orderly.anomaly (interface, measure, began_at, seen_at, off, most_off, seen, usual, affected, samples)
		select h.interface, h.measure, upto, upto, h.off, h.off, h.seen, h.usual, h.affected, h.samples
		from hour h
		where orderly.anomalous(h.measure, h.off, h.seen, h.usual, h.affected)
		  and not exists (select from orderly.anomaly a
		                  where a.interface = h.interface and a.measure = h.measure and a.ended_at is null)
		returning 1
	)
	select (select count(*) from over) as over, (select count(*) from still) as still, (select count(*) from new) as new
	into look;
	if look.over + look.new > 0 then
		perform pg_notify('orderly', 'anomaly');
	end if;
	return look.new;
end
$$;

-- Learns some of the rhythms that are oldest, of what has a whole hour behind it: a duty that says it has done
-- something is asked again at once. Then looks at the last hour as far as the roll-ups reach. What
-- they are far behind with is not judged: it would look like silence.
create function orderly.duty_anomalies(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	upto constant timestamptz := date_bin('1 minute', (select r.reach from orderly.rollup_reach() r), timestamptz 'epoch');
	whole constant timestamptz := date_bin('1 hour', now() - interval '2 hours', timestamptz 'epoch');
	i int;
	n int := 0;
begin
	for i in
		select f.id
		from orderly.interface f
		left join orderly.rhythm r on r.interface = f.id
		where f.lifecycle in ('live', 'coexisting', 'deprecated')
		  and (r.at is null or r.at < now() - interval '6 hours')
		  and exists (select from orderly.rollup u where u.grain = 3600 and u.interface = f.id and u.at <= whole)
		order by r.at nulls first, f.id
		limit budget
	loop
		perform orderly.rhythm_learn(i);
		n := n + 1;
	end loop;
	delete from orderly.anomaly a
	where a.ended_at < now() - make_interval(days => orderly.setting_int('anomaly.days', 90));
	if upto < now() - interval '15 minutes' then
		return n;
	end if;
	return n + orderly.anomalies_look(upto);
end
$$;
insert into orderly.duty (name, every_ms, budget) values ('anomalies', 60000, 10);

-- Somebody knows why, and the others need not look at it again. It goes on being watched.
create function orderly.anomaly_dismiss(id bigint, reason text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator']);
	a orderly.anomaly;
	why text := who.code;
begin
	if why is null then
		select * into a from orderly.anomaly t where t.id = anomaly_dismiss.id for update;
		why := case
			when a.id is null or a.interface <> all (orderly.my_interfaces()) then 'not_found'
			when not orderly.has_reason(reason) then 'reason'
			when a.dismissed_at is not null then 'state' end;
	end if;
	if why is not null then
		return orderly.refuse('anomaly_dismiss', 'anomaly', id::text, why, reason);
	end if;
	update orderly.anomaly t
	set dismissed_at = clock_timestamp(), dismissed_by = who.person, dismissal = btrim(reason)
	where t.id = a.id;
	perform pg_notify('orderly', 'anomaly');
	return orderly.done('anomaly_dismiss', 'anomaly', id::text, id, reason,
		jsonb_build_object('interface', a.interface, 'measure', a.measure));
end
$$;

alter table orderly.anomaly enable row level security;
create policy anomaly_read on orderly.anomaly for select
	using (interface = any ((select orderly.my_interfaces())::int[]));
grant select on orderly.anomaly to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;
grant execute on function orderly.anomaly_dismiss(bigint, text) to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin;
