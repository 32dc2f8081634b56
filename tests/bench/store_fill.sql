-- What bench_store stands on: two hundred interfaces, a filled store, and arrays of events to send.
create schema bench;
grant usage on schema bench to public;
insert into orderly.interface (id, code, version, title, source, target, style, timing, data_class)
select 1000 + g, 'bench-' || g, 1, 'Bench ' || g, 'odoo', 'ghx', 'rest', 'real-time', 'internal'
from generate_series(1, 200) g;

-- What is laid off while rows are put in by the million: indexes are quicker made than grown.
create table bench.laid_off (nr int generated always as identity, parent text, how text);

create procedure bench.indexes_drop() language plpgsql as $$
declare
	name text;
	it record;
begin
	foreach name in array array['message', 'transaction', 'event', 'feed'] loop
		for it in select c.conname, pg_get_constraintdef(c.oid) as def from pg_constraint c
		          where c.conrelid = ('orderly.' || name)::regclass and c.contype in ('p', 'u') order by c.contype loop
			insert into bench.laid_off (parent, how)
			values (name, format('alter table orderly.%I add constraint %I %s', name, it.conname, it.def));
			execute format('alter table orderly.%I drop constraint %I', name, it.conname);
		end loop;
		for it in select x.indexrelid::regclass as index, pg_get_indexdef(x.indexrelid) as def from pg_index x
		          where x.indrelid = ('orderly.' || name)::regclass order by x.indexrelid loop
			insert into bench.laid_off (parent, how) values (name, it.def);
			execute format('drop index %s', it.index);
		end loop;
	end loop;
end
$$;

create procedure bench.indexes_make(parents text[]) language plpgsql as $$
declare
	it record;
begin
	set maintenance_work_mem = '512MB';
	for it in delete from bench.laid_off where parent = any (parents) returning * loop
		execute it.how;
	end loop;
end
$$;

-- Rows as ingest would have left them, without its work: transactions low to high of `size`, two events
-- each, the oldest nine months ago. Three share a correlation id; one in a hundred and one is dead.
create procedure bench.fill(low bigint, high bigint, first bigint, size bigint) language plpgsql as $$
declare
	era constant smallint := orderly.era_now();
	then_at constant timestamptz := now() - make_interval(days => (270 * (first + size - high) / size)::int);
	day constant date := (then_at at time zone 'UTC')::date;
	week constant bigint := orderly.feed_week(then_at) * 10000000000000;
begin
	insert into orderly.message (id, interface, born, facility, message_id, correlation, business_key,
		message_norm, correlation_norm, business_norm)
	overriding system value
	select g, 1001 + g % 200, day, 1 + g % 2, 'fill-' || g, md5((g / 3)::text), 'PO-' || g, 'fill' || g,
		md5((g / 3)::text), 'po' || g
	from generate_series(low, high) g;
	insert into orderly.transaction (id, interface, born, facility, state, attempt, rank, at, key, first_at,
		last_at, events, failures, fail_attempt, fail_rank, fail_at, fail_key, class, text)
	select g.g, 1001 + g.g % 200, day, 1 + g.g % 2, case when d.dead then 'dead' else 'done' end, 1,
		case when d.dead then 90 else 120 end, d.at + interval '2 s', d.key, d.at, d.at + interval '2 s', 2, 0,
		case when d.dead then 1 end, case when d.dead then 90 end, case when d.dead then d.at + interval '2 s' end,
		case when d.dead then d.key end, case when d.dead then 'mapping' end, d.text
	from generate_series(low, high) g,
		lateral (select g % 101 = 0 as dead, then_at - make_interval(secs => g % 3600) as at,
			decode(md5('b' || g), 'hex') as key,
			case when g % 101 = 0 then 'unknown ' || (array['cost centre', 'unit', 'tax', 'account', 'ward'])[g / 101 % 5 + 1]
				|| ' ' || g end as text) d;
	insert into orderly.event (born, transaction, key, interface, facility, arrived, at, kind, attempt, digest,
		class, text)
	select day, g, decode(md5(k.part || g), 'hex'), 1001 + g % 200, 1 + g % 2, then_at,
		then_at - make_interval(secs => g % 3600) + k.later,
		case when g % 101 = 0 and k.part = 'b' then 'dead' else k.kind end, 1, g,
		case when g % 101 = 0 and k.part = 'b' then 'mapping' end,
		case when g % 101 = 0 and k.part = 'b' then 'unknown ' || (array['cost centre', 'unit', 'tax', 'account', 'ward'])[g / 101 % 5 + 1]
			|| ' ' || g end
	from generate_series(low, high) g,
		(values ('a', 'received', interval '0'), ('b', 'delivered', interval '2 s')) k (part, kind, later);
	insert into orderly.feed (era, xid, seq, arrived, at, transaction, key, interface, attempt, facility, kind, state)
	select era, pg_current_xact_id(), week + nextval('orderly.feed_seq'), then_at, then_at, g,
		decode(md5(k.part || g), 'hex'), 1001 + g % 200, 1, 1 + g % 2, k.kind, k.state
	from generate_series(low, high) g, (values ('a', 'received', 'waiting'), ('b', 'delivered', 'done'))
		k (part, kind, state);
end
$$;

-- What follows from the rows: counters, dead letters and their groups, an hour's pulses.
create procedure bench.follow(first bigint) language plpgsql as $$
declare
	tick constant timestamptz := date_bin('5 minutes', now(), timestamptz 'epoch');
	ids bigint[];
begin
	truncate orderly.gauge, orderly.pulse;
	insert into orderly.gauge (interface, slot, done, dead, events, last_at)
	select interface, 0, count(*) filter (where state = 'done'), count(*) filter (where state = 'dead'),
		sum(events), max(last_at)
	from orderly.transaction group by interface;
	insert into orderly.gauge (interface, slot) select 1000 + g, s from generate_series(1, 200) g, generate_series(1, 3) s;
	insert into orderly.pulse (bucket, interface, slot, born, done, failed)
	select tick - b * interval '5 minutes', 1000 + g, s, 40, 38, 2
	from generate_series(0, 12) b, generate_series(1, 200) g, generate_series(0, 3) s;
	for ids in select array_agg(t.id) from orderly.transaction t
	            where t.state = 'dead' and t.id >= first group by t.id / 400000 order by t.id / 400000 loop
		perform orderly.dead_letters_open(ids);
	end loop;
	update orderly.follower set (era, xid, seq) = (select f.era, f.xid, f.seq from orderly.feed f
		order by f.era desc, f.xid desc, f.seq desc limit 1);
end
$$;

create table bench.arrays (name text, nr int, events bytea[], primary key (name, nr));
grant select on bench.arrays to public;

-- n arrays of 500 events: of five events each of a hundred transactions; the first carries a payload.
create procedure bench.arrays_make(name text, n int) language sql as $$
	insert into bench.arrays
	select name, t.i, (
		select array_agg(convert_to(jsonb_strip_nulls(jsonb_build_object(
			'interface', 'bench-' || 1 + m % 40, 'message_id', concat(name, t.i, '-', m), 'kind', k.kind,
			'at', to_char(now() at time zone 'UTC' + make_interval(secs => k.nr), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
			'correlation_id', md5(concat(name, t.i, m)), 'facility', 'H0' || 1 + m % 2, 'component', 'gateway',
			'business_key', case when k.nr = 1 then concat('PO-2026-', t.i, '-', m) end, 'duration_ms', k.nr * 7,
			'payload', case when k.nr = 1 then jsonb_build_object('kind', 'request', 'content_type',
				'application/json', 'body', repeat('{"line": 1, "sku": "abc", "qty": 12}', 12)) end))::text, 'UTF8')
			order by m, k.nr)
		from generate_series(1, 100) m, (values (1, 'received'), (2, 'validated'), (3, 'transformed'),
			(4, 'attempted'), (5, 'delivered')) k (nr, kind))
	from generate_series(1, n) t (i)
$$;

-- The same as a storm: each event is a death of the same fault.
create procedure bench.storm_make(name text, n int) language sql as $$
	insert into bench.arrays
	select name, t.i, (
		select array_agg(convert_to(jsonb_build_object('interface', 'bench-1', 'message_id',
			concat(name, t.i, '-', m), 'kind', 'dead', 'at',
			to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'class', 'target',
			'text', 'HTTP 503 from host 10.0.0.' || m % 250)::text, 'UTF8'))
		from generate_series(1, 500) m)
	from generate_series(1, n) t (i)
$$;

-- The peer of taking: the rows that such events come to, and a plain table with four indexes for them.
create table bench.plain (
	id bigint primary key,
	interface int not null,
	message_id text collate "C" not null,
	kind text not null,
	at timestamptz not null,
	attempt int not null,
	facility smallint,
	correlation text collate "C",
	business_key text collate "C",
	component text,
	duration_ms int,
	body bytea
);
create index on bench.plain (interface, message_id);
create index on bench.plain (correlation);
create index on bench.plain (at);
create view bench.source as
select (m - 1) * 5 + k.nr as id, 1001 + m % 40 as interface, 'plain-' || m as message_id, k.kind, now() as at,
	1 as attempt, 1 + m % 2 as facility, md5(m::text) as correlation,
	case when k.nr = 1 then 'PO-2026-' || m end as business_key, 'gateway' as component, k.nr * 7 as duration_ms,
	case when k.nr = 1 then convert_to(repeat('{"line": 1, "sku": "abc", "qty": 12}', 12), 'UTF8') end as body
from generate_series(1, 12000) m, (values (1, 'received'), (2, 'validated'), (3, 'transformed'),
	(4, 'attempted'), (5, 'delivered')) k (nr, kind);
