-- What bench_replays stands on: two hundred interfaces with objectives, arrays of events ready to be
-- sent, and a history of roll-ups.
create schema bench;
grant usage on schema bench to public;
insert into orderly.interface (id, code, version, title, source, target, style, timing, data_class, idempotency,
	ordering_key, replay_policy, replay_limit)
select 1000 + g, 'bench-' || g, 1, 'Bench ' || g, 'odoo', 'ghx', 'rest', 'real-time', 'internal', 'key',
	case when g <= 100 then 'supplier' end, 'free', 10000
from generate_series(1, 200) g;
insert into orderly.slo (id, code, version, interface, measure, objective_ppm, threshold)
select 1000 + 2 * g + m.nr, 'bench-' || g || '/' || m.measure, 1, 'bench-' || g, m.measure, 995000, m.threshold
from generate_series(1, 200) g, lateral (values (0, 'success', null::bigint), (1, 'latency', case when g % 10 = 0 then 20 else 500 end)) m (nr, measure, threshold);

create table bench.arrays (name text, nr int, events bytea[], primary key (name, nr));
grant select on bench.arrays to public;

-- n arrays of 250 messages that came in and died, of one of 600 faults. Those of the first hundred
-- interfaces are of one of 2,500 ordering keys.
create procedure bench.deaths_make(n int) language sql as $$
	insert into bench.arrays
	select 'deaths', t.i, (
		select array_agg(convert_to(jsonb_strip_nulls(jsonb_build_object(
			'interface', 'bench-' || 1 + g % 200, 'message_id', 'died-' || g, 'kind', k.kind,
			'at', to_char(now() at time zone 'UTC' - make_interval(secs => 86400 - g % 86400), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
			'correlation_id', md5(g::text), 'facility', 'H0' || 1 + g % 2, 'ordering_key', 'supplier ' || g % 5000,
			'class', case k.kind when 'dead' then 'mapping' end,
			'text', case k.kind when 'dead' then
				format('cost centre %s unknown in ledger %s', g, chr(65 + g / 200 % 3)) end,
			'payload', case k.kind when 'received' then jsonb_build_object('kind', 'inbound', 'content_type',
				'application/json', 'body', repeat('{"line": 1, "sku": "abc", "qty": 12}', 12)) end))::text, 'UTF8')
			order by g, k.kind desc)
		from generate_series((t.i - 1) * 250 + 1, t.i * 250) g, (values ('received'), ('dead')) k (kind))
	from generate_series(1, n) t (i)
$$;

-- n arrays of 500 messages of one interface that die of the same.
create procedure bench.storm_make(n int) language sql as $$
	insert into bench.arrays
	select 'storm', t.i, (
		select array_agg(convert_to(jsonb_build_object('interface', 'bench-7', 'message_id', format('storm-%s-%s', t.i, m),
			'kind', 'dead', 'at', to_char(now() at time zone 'UTC' - make_interval(secs => m), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
			'facility', 'H01', 'class', 'transport', 'text', 'the target is down')::text, 'UTF8') order by m)
		from generate_series(1, 500) m)
	from generate_series(1, n) t (i)
$$;

-- n arrays of five events each of a hundred messages that arrive, within the last hour.
create procedure bench.arrivals_make(n int) language sql as $$
	insert into bench.arrays
	select 'arrivals', t.i, (
		select array_agg(convert_to(jsonb_build_object(
			'interface', 'bench-' || 1 + m * 7 % 200, 'message_id', format('came-%s-%s', t.i, m), 'kind', k.kind,
			'at', to_char(now() at time zone 'UTC' - make_interval(mins => t.i % 60) + make_interval(secs => k.nr * m / 60.0),
				'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
			'facility', 'H0' || 1 + m % 2, 'component', 'gateway')::text, 'UTF8') order by m, k.nr)
		from generate_series(1, 100) m, (values (1, 'received'), (2, 'validated'), (3, 'transformed'),
			(4, 'attempted'), (5, 'delivered')) k (nr, kind))
	from generate_series(1, n) t (i)
$$;

-- Roll-ups as the follower would have left them: every interface in every minute of two days, every
-- hour and day of forty, with histograms of so many buckets.
create procedure bench.history_make() language sql as $$
	insert into orderly.rollup (grain, interface, at, done, dead, retried, sum_ms, hist)
	select g.grain, 1000 + i, b.at, g.n, i % 3, i % 5, g.n * 120, h.hist
	from (values (60, 2, 12, 8), (3600, 40, 700, 60), (86400, 40, 17000, 150)) g (grain, days, n, buckets)
	cross join lateral (
		select array_agg(p.v order by k, p.nr) as hist
		from generate_series(1, g.buckets) k, lateral (values (0, 150 + k), (1, g.n / g.buckets)) p (nr, v)) h
	cross join generate_series(1, 200) i
	cross join lateral (
		select date_bin(make_interval(secs => g.grain), now(), timestamptz 'epoch') - make_interval(secs => g.grain::bigint * t) as at
		from generate_series(0, g.days * 86400 / g.grain) t) b
	order by b.at, 1, 2 -- as they lie when they were written from minute to minute
	on conflict do nothing
$$;
