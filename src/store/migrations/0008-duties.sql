-- kind: transaction
-- The worker's side: duties and who does them, partitions and retention, overdue transactions, and
-- what must always hold.

set local role orderly_{store}_owner;

-- A duty is a function duty_<name>(budget int) that does a small piece of work and returns how many
-- rows of it. Its row here is when it runs and how it went. One worker at a time does each.
create table orderly.duty (
	name text primary key check (name ~ '^[a-z][a-z0-9_]{0,50}$'),
	every_ms int not null default 1000 check (every_ms between 10 and 86400000),
	budget int not null default 500 check (budget > 0),
	done_at timestamptz,
	done_by text,
	done_ms real,
	done_rows int,
	rows bigint not null default 0,
	failed_at timestamptz,
	failure text
) with (fillfactor = 25);
insert into orderly.duty (name, every_ms, budget) values
	('seal', 200, 500),
	('mask', 200, 200),
	('overdue', 1000, 500),
	('partitions', 60000, 10),
	('pulses', 60000, 20000),
	('retention', 5000, 2000),
	('audit_prune', 60000, 1000);

create table orderly.worker (
	name text primary key,
	role text not null,
	address inet,
	pid int not null,
	version text,
	started_at timestamptz not null,
	beat_at timestamptz not null,
	detail jsonb not null default '{}'
) with (fillfactor = 25);

-- What the worker has to do, and how often. A duty that has no row yet runs once in a second.
create function orderly.worker_duties() returns table (name text, every_ms int)
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select coalesce(d.name, substr(p.proname, 6)), coalesce(d.every_ms, 1000)
	from pg_proc p
	left join orderly.duty d on 'duty_' || d.name = p.proname
	where p.pronamespace = 'orderly'::regnamespace and p.proname ^@ 'duty_'
		and p.pronargs = 1 and p.proargtypes[0] = 'int'::regtype
	order by 2, 1;
end;

create function orderly.gate_worker() returns void
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	if orderly.gate_machine('worker') is not null then
		raise exception 'login "%" is no worker of this store', session_user using errcode = '42501';
	end if;
end
$$;

-- Says that a worker is alive. Forgets those that have been silent for a day.
create function orderly.worker_beat(name text, version text default null, detail jsonb default '{}')
returns void
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	perform orderly.gate_worker();
	if coalesce(length(btrim(name)), 0) not between 1 and 200 then
		raise exception 'a worker needs a name' using errcode = '22023';
	end if;
	insert into orderly.worker as w (name, role, address, pid, version, started_at, beat_at, detail)
	values (name, session_user, inet_client_addr(), pg_backend_pid(), version, clock_timestamp(),
	        clock_timestamp(), coalesce(detail, '{}'))
	on conflict on constraint worker_pkey do update set
		role = excluded.role, address = excluded.address, pid = excluded.pid,
		version = excluded.version, beat_at = excluded.beat_at, detail = excluded.detail,
		started_at = case when w.pid = excluded.pid and w.beat_at > clock_timestamp() - interval '1 minute'
			then w.started_at else excluded.started_at end;
	delete from orderly.worker w where w.beat_at < clock_timestamp() - interval '1 day';
end
$$;

-- Does one piece of a duty. NULL: another worker is at it. -1: it failed, and the row of the duty says
-- why; what it had done is undone.
create function orderly.worker_step(duty text) returns int
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	began constant timestamptz := clock_timestamp();
	most constant int := coalesce((select d.budget from orderly.duty d where d.name = duty), 500);
	n int;
	why text;
begin
	perform orderly.gate_worker();
	if duty is null or duty !~ '^[a-z][a-z0-9_]{0,50}$' or to_regprocedure(format('orderly.duty_%s(int)', duty)) is null then
		raise exception 'there is no duty "%"', duty using errcode = '22023';
	end if;
	-- A row's lock and no advisory one: that could be taken by anyone who can connect, for ever.
	-- ON CONFLICT would wait for the worker that is at it, so it is only for the first time ever.
	if not exists (select from orderly.duty d where d.name = duty) then
		insert into orderly.duty (name) values (duty) on conflict (name) do nothing;
	end if;
	perform from orderly.duty d where d.name = duty for update skip locked;
	if not found then
		return null;
	end if;
	begin
		execute format('select orderly.duty_%s($1)', duty) into n using most;
	exception when others then
		why := left(sqlerrm, 500) || ' (' || sqlstate || ')';
		raise log 'orderly: duty % failed: %', duty, why;
		n := -1;
	end;
	insert into orderly.duty as d (name, done_at, done_by, done_ms, done_rows, rows, failed_at, failure)
	values (duty, case when n >= 0 then clock_timestamp() end, session_user,
	        extract(epoch from clock_timestamp() - began) * 1000, greatest(n, 0), greatest(n, 0),
	        case when n < 0 then clock_timestamp() end, why)
	on conflict (name) do update set
		done_at = coalesce(excluded.done_at, d.done_at), done_by = excluded.done_by,
		done_ms = excluded.done_ms, done_rows = excluded.done_rows, rows = d.rows + excluded.rows,
		failed_at = coalesce(excluded.failed_at, d.failed_at), failure = excluded.failure;
	return n;
end
$$;

-- Writes the overdue event of each open transaction whose due time has passed. Its event id is made
-- of the due time, so two workers could not write it twice.
create function orderly.duty_overdue(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	late bytea[];
begin
	select array_agg(convert_to(jsonb_build_object(
			'interface', i.code, 'message_id', m.message_id, 'kind', 'overdue', 'attempt', t.attempt,
			'at', to_char(t.due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
			'event_id', 'overdue:' || extract(epoch from t.due_at), 'component', 'orderly')::text, 'UTF8'))
	into late
	from (select * from orderly.transaction
	      where due_at <= clock_timestamp() and overdue_at is null
	        and state in ('waiting', 'running', 'retrying')
	      order by due_at limit budget) t
	join orderly.message m on m.id = t.id
	join orderly.interface i on i.id = t.interface;
	if late is null then
		return 0;
	end if;
	return (select taken from orderly.take(orderly.parse(late), late));
end
$$;

-- How far retention has come, by transaction number: what lies before it and has outlived its class
-- is gone.
create table orderly.retention_place (
	kind text not null,
	data_class text not null,
	transaction bigint not null default 0,
	primary key (kind, data_class)
);

-- Whether something of these days must stay: a dead letter that nobody has closed yet.
create function orderly.retention_holds(low date, high date) returns bool
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	held bool := false;
begin
	if to_regclass('orderly.dead_letter') is not null then
		execute 'select exists (select from orderly.dead_letter l where l.unresolved and l.born >= $1 and l.born < $2)'
			into held using low, high;
	end if;
	return held;
end
$$;

create function orderly.dead_unresolved(ids bigint[]) returns bigint[]
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	kept bigint[] := '{}';
begin
	if to_regclass('orderly.dead_letter') is not null then
		execute 'select array_agg(l.id) from orderly.dead_letter l where l.unresolved and l.id = any ($1)'
			into kept using ids;
	end if;
	return coalesce(kept, '{}');
end
$$;

-- Takes away what has outlived its data class, in pieces, by transaction number. Events go together
-- with their message: until then the same message again is known to be the same. Whole partitions
-- are left to duty_partitions(), which is cheaper; this is for classes that are kept shorter.
create function orderly.duty_retention(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
	rule record;
	old record;
	ids bigint[];
	today constant date := (clock_timestamp() at time zone 'UTC')::date;
	total int := 0;
begin
	for rule in select r.kind, r.data_class, today - r.days as before
	            from orderly.retention r
	            where r.kind in ('events', 'payload', 'rendition') and r.days is not null
	            order by r.kind, r.data_class loop
		insert into orderly.retention_place (kind, data_class) values (rule.kind, rule.data_class)
		on conflict do nothing;
		-- the next stretch of messages, of one birth day at most
		select max(s.id) as upto, min(s.born) as born,
			array_agg(s.id order by s.id) filter (where i.data_class = rule.data_class) as ids
		into old
		from (select m.id, m.born, m.interface, min(m.born) over () as first_day
		      from orderly.message m
		      where m.id > (select p.transaction from orderly.retention_place p
		                    where p.kind = rule.kind and p.data_class = rule.data_class)
		      order by m.id limit budget) s
		join orderly.interface i on i.id = s.interface
		where s.born = s.first_day;
		continue when old.upto is null or old.born >= rule.before;
		ids := array(select unnest(old.ids) except select unnest(orderly.dead_unresolved(old.ids)));
		case rule.kind
		when 'events' then
			delete from orderly.payload where born = old.born and transaction = any (ids);
			delete from orderly.event where born = old.born and transaction = any (ids);
			perform orderly.transactions_drop(ids);
		when 'payload' then
			delete from orderly.payload where born = old.born and transaction = any (ids);
		when 'rendition' then
			delete from orderly.rendition where born = old.born and transaction = any (ids);
		end case;
		update orderly.retention_place p set transaction = old.upto
		where p.kind = rule.kind and p.data_class = rule.data_class;
		total := total + greatest(cardinality(ids), 1);
	end loop;
	return total;
end
$$;

-- Forgets transactions and their messages; the counters of what is open forget them too.
create function orderly.transactions_drop(ids bigint[]) returns void
language sql
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with gone as (
		delete from orderly.transaction where id = any (ids) returning interface, state
	)
	insert into orderly.gauge as g (interface, slot, waiting, running, retrying, dead, done, filtered, cancelled)
	select interface, orderly.slot(), -count(*) filter (where state = 'waiting'),
		-count(*) filter (where state = 'running'), -count(*) filter (where state = 'retrying'),
		-count(*) filter (where state = 'dead'), -count(*) filter (where state = 'done'),
		-count(*) filter (where state = 'filtered'), -count(*) filter (where state = 'cancelled')
	from gone
	group by interface
	order by interface
	on conflict (interface, slot) do update set
		waiting = g.waiting + excluded.waiting, running = g.running + excluded.running,
		retrying = g.retrying + excluded.retrying, dead = g.dead + excluded.dead,
		done = g.done + excluded.done, filtered = g.filtered + excluded.filtered,
		cancelled = g.cancelled + excluded.cancelled;
	delete from orderly.message where id = any (ids);
end;

-- Partitions that nothing needs any more: every class lets go of that kind, and no dead letter holds.
create function orderly.partitions_old() returns table (parent text, name text)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with kept as (
		select k.parent, max(r.days) as days
		from (values ('event', 'events'), ('payload', 'payload'), ('rendition', 'rendition')) k (parent, kind)
		join orderly.retention r on r.kind = k.kind
		group by k.parent
		having count(r.days) = 4
	),
	part as (
		select p.relname::text as parent, c.relname::text as name, substring(c.relname from '\d+$') as mark
		from pg_inherits h
		join pg_class c on c.oid = h.inhrelid
		join pg_class p on p.oid = h.inhparent
		where p.relnamespace = 'orderly'::regnamespace
			and p.relname in ('event', 'payload', 'rendition', 'feed')
	)
	select p.parent, p.name
	from part p
	left join kept k on k.parent = p.parent
	where case when p.parent = 'feed'
		then p.mark::bigint < orderly.feed_week(now() - make_interval(
			days => greatest(orderly.setting_int('feed.days', 35), 14)))
		else to_date(p.mark, 'YYYYMM') + interval '1 month' < now() - make_interval(days => k.days)
			and not orderly.retention_holds(to_date(p.mark, 'YYYYMM'),
				(to_date(p.mark, 'YYYYMM') + interval '1 month')::date) end
	order by p.mark, p.name;
end;

-- Makes partitions ahead and takes old ones away, one at a time: detached, then dropped. It waits for
-- no lock longer than a fifth of a second, so that nobody queues behind it, and tries again next time.
-- DETACH CONCURRENTLY would not need that, but cannot run within a function.
create function orderly.duty_partitions(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
set lock_timeout = '200ms'
as $$
declare
	made int := orderly.partitions_make(now() + make_interval(
		days => greatest(orderly.setting_int('partitions.ahead_days', 40), 8)));
	old record;
	dropped int := 0;
begin
	perform orderly.era_now(); -- begins the new era after a promotion before a writer has to
	if made > 0 then
		return made;
	end if;
	for old in select * from orderly.partitions_old() limit least(budget, 3) loop
		begin
			execute format('alter table orderly.%I detach partition orderly.%I', old.parent, old.name);
			execute format('drop table orderly.%I', old.name);
			dropped := dropped + 1;
		exception when lock_not_available or deadlock_detected then
			exit;
		end;
	end loop;
	return dropped;
end
$$;

-- Makes one row per interface of the slots of a bucket that is hardly written any more, for readers add them
-- up each time, and takes old buckets away. Slot 0 is ours meanwhile; what a writer holds waits.
create function orderly.duty_pulses(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	packed int;
begin
	delete from orderly.pulse where bucket < now() - interval '3 hours';
	if not pg_try_advisory_xact_lock(760117, 0) then
		return 0;
	end if;
	with gone as (
		delete from orderly.pulse p
		where p.ctid = any (array(select q.ctid from orderly.pulse q
		                          where q.slot > 0 and q.bucket < now() - interval '10 minutes'
		                          limit budget for update skip locked))
		returning p.*
	)
	insert into orderly.pulse as b (bucket, interface, slot, born, done, dead, failed)
	select bucket, interface, 0, sum(born), sum(done), sum(dead), sum(failed)
	from gone
	group by bucket, interface
	order by bucket, interface
	on conflict (bucket, interface, slot) do update set
		born = b.born + excluded.born,
		done = b.done + excluded.done,
		dead = b.dead + excluded.dead,
		failed = b.failed + excluded.failed;
	get diagnostics packed = row_count;
	return packed;
end
$$;

grant execute on function orderly.worker_duties(), orderly.worker_beat(text, text, jsonb),
	orderly.worker_step(text) to orderly_{store}_worker;
grant select on orderly.duty, orderly.worker to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin, orderly_{store}_worker;
