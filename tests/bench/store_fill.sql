-- What bench_store stands on: forty interfaces, a filled store, and arrays of events ready to be sent.
create schema bench;
grant usage on schema bench to public;
insert into orderly.interface (id, code, version, title, source, target, style, timing, data_class)
select 1000 + g, 'bench-' || g, 1, 'Bench ' || g, 'odoo', 'ghx', 'rest', 'real-time', 'internal'
from generate_series(1, 40) g;

-- Rows as ingest would have left them, without its work: transactions low to high, two events each.
create procedure bench.fill(low bigint, high bigint) language plpgsql as $$
declare
	era smallint := orderly.era_now();
	day date := (now() at time zone 'UTC')::date;
	week bigint := orderly.feed_week(now()) * 10000000000000;
begin
	insert into orderly.message (id, interface, born, facility, message_id, correlation, business_key,
		message_norm, correlation_norm, business_norm)
	overriding system value
	select g, 1001 + g % 40, day, 1 + g % 2, 'fill-' || g, md5((g / 3)::text), 'PO-' || g, 'fill' || g,
		md5((g / 3)::text), 'po' || g
	from generate_series(low, high) g;
	insert into orderly.transaction (id, interface, born, facility, state, attempt, rank, at, key, first_at,
		last_at, events, failures, class, text)
	select g, 1001 + g % 40, day, 1 + g % 2, case when g % 100 = 0 then 'dead' else 'done' end, 1, 120,
		now() - make_interval(secs => g % 86400), decode(md5('b' || g), 'hex'), now(), now(), 2, 0,
		case when g % 100 = 0 then 'mapping' end, case when g % 100 = 0 then 'cost centre unknown' end
	from generate_series(low, high) g;
	insert into orderly.event (born, transaction, key, interface, facility, arrived, at, kind, attempt, digest)
	select day, g, decode(md5(k.part || g), 'hex'), 1001 + g % 40, 1 + g % 2, now(), now(), k.kind, 1, g
	from generate_series(low, high) g, (values ('a', 'received'), ('b', 'delivered')) k (part, kind);
	insert into orderly.feed (era, xid, seq, arrived, at, transaction, key, interface, attempt, facility, kind, state)
	select era, pg_current_xact_id(), week + nextval('orderly.feed_seq'), now(), now(), g,
		decode(md5(k.part || g), 'hex'), 1001 + g % 40, 1, 1 + g % 2, k.kind, k.state
	from generate_series(low, high) g, (values ('a', 'received', 'waiting'), ('b', 'delivered', 'done'))
		k (part, kind, state);
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
create procedure bench.storm_make(n int) language sql as $$
	insert into bench.arrays
	select 'storm', t.i, (
		select array_agg(convert_to(jsonb_build_object('interface', 'bench-1', 'message_id',
			concat('storm', t.i, '-', m), 'kind', 'dead', 'at', '2026-02-28T14:05:06Z', 'class', 'target',
			'text', 'HTTP 503 from host 10.0.0.' || m % 250)::text, 'UTF8'))
		from generate_series(1, 500) m)
	from generate_series(1, n) t (i)
$$;
