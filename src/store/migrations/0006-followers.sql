-- kind: transaction
-- Followers of the feed: from where to start, what came since, and who holds it back.
--
-- A follower keeps the place of the last row it had, (era, xid, seq), and reads in that order what is
-- below the horizon: the oldest transaction number still running anywhere in the cluster. Whatever
-- commits late carries a number at or above the horizon of every earlier reading, so it is never
-- passed by. A place of an era that the store does not know (it was restored from before it) goes back
-- an hour; the follower drops by event key what it had.

-- To see who holds the horizon back, the owner must see other sessions.
do $stats$
begin
	execute 'grant pg_read_all_stats to orderly_{store}_owner';
exception when insufficient_privilege then
	raise notice 'orderly: without pg_read_all_stats the store cannot name who holds followers back';
end
$stats$;

set local role orderly_{store}_owner;

-- Up to where followers may read. Eras from `own` on are of this cluster, and so are their numbers;
-- those before it came with a restore, and are whole.
create function orderly.feed_bounds(out era smallint, out own smallint, out horizon xid8)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	select coalesce(max(e.id), 1::smallint),
		coalesce(max(e.id) filter (where e.system <> c.system_identifier), 0)::smallint + 1::smallint,
		pg_snapshot_xmin(pg_current_snapshot())
	into era, own, horizon
	from pg_control_system() c
	left join orderly.era e on true
	group by c.system_identifier;
end
$$;

-- Whether the facilities let this row be seen. One that names none belongs to that of its message.
create function orderly.feed_seen(r orderly.feed, facilities smallint[]) returns bool
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	if r.facility is null then
		select m.facility into r.facility from orderly.message m where m.id = r.transaction;
	end if;
	return r.facility is null or r.facility = any (facilities);
end
$$;

-- What came after a place, within the session's scope. A row without a kind is no event: it only
-- moves the place on, over what the session may not see.
create function orderly.feed_after(place_era text, place_xid text, place_seq bigint, most int)
returns setof orderly.feed
language plpgsql stable security definer rows 100
set search_path = pg_catalog, orderly, pg_temp
set plan_cache_mode = force_custom_plan -- so that only the partitions in question are opened
set enable_sort = off -- in the order of the index, so that a page costs a page however much there is
as $$
declare
	week constant bigint := 10000000000000;
	bounds record := orderly.feed_bounds();
	from_era smallint := (select e.id from orderly.era e where e.code = place_era);
	from_xid xid8 := coalesce(place_xid, '0')::xid8;
	from_seq bigint := coalesce(place_seq, 0);
	low bigint;
	high constant bigint := (orderly.feed_week(clock_timestamp()) + 1) * week;
	upto constant xid8 := case when bounds.era < bounds.own then '18446744073709551615' else bounds.horizon end;
begin
	if from_era is null then
		from_era := 0;
		from_seq := 0;
		low := (orderly.feed_week(clock_timestamp()) - 1) * week;
	else
		low := (from_seq / week - 1) * week;
	end if;
	return query
		with came as materialized (
			select f.* from orderly.feed f
			where (f.era, f.xid, f.seq) > (from_era, from_xid, from_seq)
				and (f.era, f.xid, f.seq) < (bounds.era, upto, 0::bigint)
				and (f.era < bounds.own or f.xid < bounds.horizon)
				and f.seq >= low and f.seq < high
			order by f.era, f.xid, f.seq
			limit greatest(20000, most)
		),
		shown as materialized (
			select c.* from came c
			where (from_era <> 0 or c.arrived >= clock_timestamp() - interval '1 hour')
				and c.interface = any ((select orderly.my_interfaces())::int[])
				and coalesce(coalesce(c.facility, (select m.facility from orderly.message m where m.id = c.transaction))
					= any ((select orderly.my_facilities())::smallint[]), true)
			limit most
		),
		passed as (
			select c.era, c.xid, c.seq from came c order by c.era desc, c.xid desc, c.seq desc limit 1
		)
		select s.* from shown s
		union all
		select p.era, p.xid, p.seq, null, null, null, null, null, null, null, null, null, null, null, null
		from passed p where not exists (select from shown);
end
$$;

-- The newest rows, newest first, and behind them a row without a kind: the place from which to go on.
create function orderly.feed_newest(most int) returns setof orderly.feed
language plpgsql stable security definer rows 100
set search_path = pg_catalog, orderly, pg_temp
set plan_cache_mode = force_custom_plan
set enable_sort = off
as $$
declare
	weeks constant bigint := 10000000000000;
	this constant bigint := orderly.feed_week(clock_timestamp());
	bounds record := orderly.feed_bounds();
	interfaces constant int[] := orderly.my_interfaces();
	facilities constant smallint[] := orderly.my_facilities();
	place orderly.feed;
	r orderly.feed;
	sent int := 0;
begin
	place.era := 0;
	place.xid := '0';
	place.seq := this * weeks;
	for back in 0..5 loop
		for r in
			select f.* from orderly.feed f
			where (f.era, f.xid, f.seq) < (bounds.era, case when bounds.era < bounds.own
					then '18446744073709551615'::xid8 else bounds.horizon end, 0::bigint)
				and (f.era < bounds.own or f.xid < bounds.horizon)
				and f.seq >= (this - back) * weeks and f.seq < (this - back + 1) * weeks
			order by f.era desc, f.xid desc, f.seq desc
			limit greatest(20000, most)
		loop
			if (r.era, r.xid, r.seq) > (place.era, place.xid, case place.era when 0 then 0 else place.seq end) then
				place.era := r.era;
				place.xid := r.xid;
				place.seq := r.seq;
			end if;
			if sent < most and r.interface = any (interfaces) and orderly.feed_seen(r, facilities) then
				sent := sent + 1;
				return next r;
			end if;
			exit when sent >= most;
		end loop;
		exit when sent >= most;
	end loop;
	if place.era = 0 then
		place.era := bounds.era;
	end if;
	return next place;
end
$$;

-- The rows before a place, newest first, and behind them a row without a kind: the place from which to go
-- further back. It stays where it was asked from when nothing is left.
create function orderly.feed_before(place_era text, place_xid text, place_seq bigint, most int)
returns setof orderly.feed
language plpgsql stable security definer rows 100
set search_path = pg_catalog, orderly, pg_temp
set plan_cache_mode = force_custom_plan
set enable_sort = off
as $$
declare
	weeks constant bigint := 10000000000000;
	interfaces constant int[] := orderly.my_interfaces();
	facilities constant smallint[] := orderly.my_facilities();
	place orderly.feed;
	r orderly.feed;
	sent int := 0;
	passed int := 0;
begin
	place.era := coalesce((select e.id from orderly.era e where e.code = place_era), 0);
	place.xid := coalesce(place_xid, '0')::xid8;
	place.seq := coalesce(place_seq, 0);
	for back in 0..4 loop -- a writer may span two weeks: each is read merged with its neighbours
		for r in
			select f.* from orderly.feed f
			where (f.era, f.xid, f.seq) < (place.era, place.xid, place.seq)
				and f.seq >= (place_seq / weeks - back - 1) * weeks and f.seq < (place_seq / weeks - back + 2) * weeks
			order by f.era desc, f.xid desc, f.seq desc
			limit 20000 - passed
		loop
			place.era := r.era;
			place.xid := r.xid;
			place.seq := r.seq;
			passed := passed + 1;
			if r.interface = any (interfaces) and orderly.feed_seen(r, facilities) then
				sent := sent + 1;
				return next r;
			end if;
			exit when sent >= most;
		end loop;
		exit when sent >= most or passed >= 20000;
	end loop;
	return next place;
end
$$;

-- How far followers can read, and who keeps them from reading on: a session or a prepared
-- transaction, in any database of the cluster.
create function orderly.feed_horizon(out era text, out xid text, out held_s real, out pid int,
                                     out who text, out what text)
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with here as (
		select b.era, b.horizon, (b.horizon::text::numeric % 4294967296)::bigint as low from orderly.feed_bounds() b
	),
	holder as (
		select a.pid, concat_ws(' ', a.usename, 'in', a.datname, nullif(a.application_name, '')) as who,
			coalesce(a.state, a.backend_type) as what, a.xact_start as since
		from pg_stat_activity a, here
		where a.backend_xid::text::bigint = here.low and a.pid <> pg_backend_pid()
		union all
		select null, concat_ws(' ', p.owner, 'in', p.database), concat('prepared transaction "', p.gid, '"'),
			p.prepared
		from pg_prepared_xacts p, here
		where p.transaction::text::bigint = here.low
	)
	select e.code, here.horizon::text,
		coalesce(extract(epoch from clock_timestamp() - h.since), 0)::real, h.pid, h.who, h.what
	from here
	left join orderly.era e on e.id = here.era
	left join holder h on true
	limit 1;
end;

grant execute on function orderly.feed_after(text, text, bigint, int), orderly.feed_newest(int),
	orderly.feed_before(text, text, bigint, int),
	orderly.feed_horizon()
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;

-- The first era begins with the store, so that no writer has to wait for another to begin it.
select orderly.era_now();
