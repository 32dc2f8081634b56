-- kind: transaction
-- Probes: what workers look at by themselves: addresses, certificates, brokers; and how far standbys are.
-- Which there are is governed; what they saw is kept for a week.

set local role orderly_{store}_owner;

-- http: a GET, well when it answers with the status that is expected, or with any below 400. tls: a
-- handshake alone, https://host:port. Both verify chain and name. rabbitmq: the address of its management
-- plugin, read as "account" with the secret that a file of that name in the workers' folder holds.
create table orderly.probe (
	id int primary key,
	code text not null unique check (code ~ '^[a-z0-9][a-z0-9._-]{0,59}$'),
	version int not null,
	title text not null check (length(btrim(title)) > 0),
	kind text not null check (kind in ('http', 'tls', 'rabbitmq')),
	url text not null check (url ~ '^https?://[^/?#@\s]+([/?][^#@\s]*)?$'),
	expect int check (expect between 100 and 599),
	account text,
	secret text check (secret ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
	system text references orderly.system (code),
	every_s int not null default 60 check (every_s between 5 and 86400),
	timeout_s int not null default 10 check (timeout_s between 1 and 60),
	owner text,
	runbook text,
	enabled bool not null default true,
	note text,
	constraint probe_url_tls_check check (kind <> 'tls' or url ~ '^https://'),
	constraint probe_secret_plain_check check (secret is null or url ~ '^(https://|http://(127\.0\.0\.1|localhost|\[::1\])[:/])')
);
insert into orderly.kind values ('probe', 171, true, false);

-- How each is now; next_at is when it is due. One worker takes it at a time, and the period ends its turn.
create table orderly.probe_state (
	probe text primary key,
	next_at timestamptz not null default '-infinity',
	worker text,
	at timestamptz, -- of the last result
	ok bool,
	class text,
	status int,
	latency_ms real,
	message text,
	cert_expires timestamptz,
	fails int not null default 0, -- in a row
	since timestamptz -- from when on it is as it is
) with (fillfactor = 50);

create table orderly.probe_result (
	id bigint generated always as identity primary key,
	probe text not null,
	at timestamptz not null default clock_timestamp(),
	worker text not null,
	ok bool not null,
	class text not null,
	status int,
	latency_ms real,
	message text
);
create index probe_result_of on orderly.probe_result (probe, at);
create index probe_result_by_time on orderly.probe_result (at);

-- The queues of a broker as they were seen last; dead: messages end there.
create table orderly.broker_queue (
	probe text not null,
	vhost text not null,
	queue text not null,
	at timestamptz not null,
	messages bigint not null,
	unacknowledged bigint not null,
	consumers int not null,
	dead bool not null,
	primary key (probe, vhost, queue)
) with (fillfactor = 50);

create function orderly.claim_probes(worker text, want int default 8)
returns table (probe text, kind text, url text, account text, secret text, expect int, timeout_s int)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
begin
	perform orderly.gate_worker();
	insert into orderly.probe_state (probe)
	select p.code from orderly.probe p
	where not exists (select from orderly.probe_state s where s.probe = p.code)
	on conflict do nothing;
	return query
	with due as (
		select s.probe from orderly.probe_state s join orderly.probe p on p.code = s.probe and p.enabled
		where s.next_at <= clock_timestamp()
		order by s.next_at, s.probe limit greatest(least(want, 50), 0)
		for update of s skip locked
	),
	taken as (
		update orderly.probe_state s
		set next_at = clock_timestamp() + make_interval(secs => p.every_s), worker = left(claim_probes.worker, 200)
		from due d join orderly.probe p on p.code = d.probe
		where s.probe = d.probe
		returning p.*)
	select t.code, t.kind, t.url, t.account, t.secret, t.expect, t.timeout_s from taken t order by t.code;
end
$$;

-- detail: {"ok", "class", "status", "latency_ms", "message", "cert_expires_s", "queues": [{"vhost", "name",
-- "messages", "unacknowledged", "consumers", "dead"}]}; queues only where all of them are known.
create function orderly.record_probe(worker text, probe text, detail jsonb) returns bool
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	now_at constant timestamptz := clock_timestamp();
	d record;
begin
	perform orderly.gate_worker();
	if not exists (select from orderly.probe p where p.code = record_probe.probe)
	   or num_nulls(worker, detail -> 'ok', detail -> 'class') > 0 then
		return false;
	end if;
	select left(r.class, 40) as class, r.ok, r.status, r.latency_ms, left(r.message, 300) as message,
		to_timestamp(r.cert_expires_s) as cert_expires
	into d from jsonb_to_record(detail) as r (ok bool, class text, status int, latency_ms real, message text,
		cert_expires_s float8);
	insert into orderly.probe_result (probe, at, worker, ok, class, status, latency_ms, message)
	values (record_probe.probe, now_at, left(record_probe.worker, 200), d.ok, d.class, d.status, d.latency_ms, d.message);
	insert into orderly.probe_state as s (probe, worker, at, ok, class, status, latency_ms, message, cert_expires, fails, since)
	values (record_probe.probe, left(record_probe.worker, 200), now_at, d.ok, d.class, d.status, d.latency_ms, d.message,
		d.cert_expires, (not d.ok)::int, now_at)
	on conflict (probe) do update set worker = excluded.worker, at = excluded.at, ok = excluded.ok,
		class = excluded.class, status = excluded.status, latency_ms = excluded.latency_ms, message = excluded.message,
		cert_expires = coalesce(excluded.cert_expires, s.cert_expires),
		fails = case when excluded.ok then 0 else s.fails + 1 end,
		since = case when s.ok is not distinct from excluded.ok then s.since else excluded.since end;
	if jsonb_typeof(detail -> 'queues') = 'array' then
		insert into orderly.broker_queue as q (probe, vhost, queue, at, messages, unacknowledged, consumers, dead)
		select distinct on (left(e.vhost, 200), left(e.name, 200)) record_probe.probe, left(e.vhost, 200), left(e.name, 200), now_at,
			coalesce(e.messages, 0), coalesce(e.unacknowledged, 0), coalesce(e.consumers, 0), coalesce(e.dead, false)
		from jsonb_to_recordset(detail -> 'queues') as e (vhost text, name text, messages bigint, unacknowledged bigint,
			consumers int, dead bool)
		where e.name is not null and e.vhost is not null
		order by left(e.vhost, 200), left(e.name, 200)
		on conflict (probe, vhost, queue) do update set at = excluded.at, messages = excluded.messages,
			unacknowledged = excluded.unacknowledged, consumers = excluded.consumers, dead = excluded.dead;
		delete from orderly.broker_queue q where q.probe = record_probe.probe and q.at < now_at;
	end if;
	delete from orderly.probe_result r where r.id = any (array(
		select o.id from orderly.probe_result o
		where o.at < now_at - make_interval(days => greatest(orderly.setting_int('probe.days', 7), 1)) limit 200));
	return true;
end
$$;

grant execute on function orderly.claim_probes(text, int), orderly.record_probe(text, text, jsonb)
	to orderly_{store}_worker;
grant select on orderly.probe, orderly.probe_state, orderly.probe_result, orderly.broker_queue to orderly_{store}_support,
	orderly_{store}_operator, orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin;

-- ---- as signals ------------------------------------------------------------------------------------

insert into orderly.signal_measure values
	('probe', 'probes of this address that failed in a row', 'probe', 'count'),
	('broker_queue', 'messages in a queue of a broker', 'queue', 'count'),
	('broker_unread', 'messages in a queue of a broker that nobody reads', 'queue', 'count'),
	('broker_dead', 'messages in a dead-letter queue of a broker', 'queue', 'count'),
	('standby', 'how far a standby is behind with what it shows', 'standby', 's');
insert into orderly.signal_measure values
	('certificate', 'days until the certificate of an address ends', 'probe', 'days', true);

create function orderly.signal_probes(at timestamptz) returns setof orderly.signal_fact
language sql stable
begin atomic
	select 'probe'::text, null::text, p.code, null::int, p.system, s.fails::bigint, null::bigint,
		concat_ws(': ', s.fails || ' times in a row ' || s.class, s.message)
	from orderly.probe p join orderly.probe_state s on s.probe = p.code
	where p.enabled and s.fails > 0
	union all
	select 'certificate', null, p.code, null, p.system,
		floor(extract(epoch from s.cert_expires - signal_probes.at) / 86400)::bigint, null,
		'the certificate ends ' || to_char(s.cert_expires at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || 'Z'
	from orderly.probe p join orderly.probe_state s on s.probe = p.code
	where p.enabled and s.cert_expires is not null
	union all
	select m.measure, null, concat_ws('/', p.code, nullif(q.vhost, '/'), q.queue), null, p.system, q.messages, null,
		q.messages || ' messages, ' || q.consumers || ' consumers'
	from orderly.broker_queue q
	join orderly.probe p on p.code = q.probe and p.enabled
	cross join lateral (values ('broker_queue', not q.dead), ('broker_dead', q.dead),
		('broker_unread', not q.dead and q.consumers = 0)) m (measure, holds)
	where m.holds and q.messages > 0 and q.at > signal_probes.at - interval '1 hour'
	union all
	select 'standby', null, coalesce(nullif(r.application_name, ''), r.client_addr::text, 'a standby'), null, null,
		floor(extract(epoch from r.replay_lag))::bigint, null,
		'shows what was ' || orderly.span_words(floor(extract(epoch from r.replay_lag))::bigint) || ' ago (' || r.state || ')'
	from pg_stat_replication r where r.replay_lag is not null;
end;

select orderly.signal_rule_ship(r.code, r.doc::jsonb) from (values
	('probe-failing', '{"title": "an address does not answer as it should", "measure": "probe", "threshold": 2, "rest_s": 30}'),
	('certificate-ends-soon', '{"title": "a certificate ends within two weeks", "measure": "certificate", "threshold": 14, "ends_at": 15}'),
	('certificate-ends', '{"title": "a certificate ends within three days", "measure": "certificate", "threshold": 3, "ends_at": 4, "severity": "page"}'),
	('broker-queue-long', '{"title": "a queue of a broker is long", "measure": "broker_queue", "threshold": 10000, "ends_at": 5000, "hold_s": 120}'),
	('broker-unread', '{"title": "nobody reads a queue of a broker", "measure": "broker_unread", "threshold": 1, "hold_s": 300}'),
	('broker-dead', '{"title": "messages died in a broker", "measure": "broker_dead", "threshold": 1, "hold_s": 60}'),
	('standby-behind', '{"title": "a standby is behind", "measure": "standby", "threshold": 60, "ends_at": 10, "hold_s": 30}'))
	r (code, doc);

-- Two probes in a row that could not connect, or had no answer in time, speak against their system.
create function orderly.system_down_probe()
returns table (system text, since timestamptz, at timestamptz, how text, detail text)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select p.system, s.since, s.at, 'address', p.code || ' could not reach it: ' || s.class
	from orderly.probe p join orderly.probe_state s on s.probe = p.code
	where p.enabled and p.system is not null and s.fails >= 2 and s.class in ('connect', 'resolve', 'timeout')
	  and s.at > now() - make_interval(secs => 3 * p.every_s + 60);
end;

create or replace function orderly.system_evidence()
returns table (system text, since timestamptz, at timestamptz, how text, detail text)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select * from orderly.system_down_odoo()
	union all
	select * from orderly.system_down_relay()
	union all
	select * from orderly.system_down_traffic()
	union all
	select * from orderly.system_down_probe();
end;

-- A probe in lines: what it is, its queues, and how its newest results went, those of one kind together.
create function orderly.probe_story(id bigint) returns table (at timestamptz, words text)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with p as materialized (
		select p.*, s.cert_expires from orderly.probe p left join orderly.probe_state s on s.probe = p.code
		where p.id = probe_story.id
	),
	newest as materialized (
		select r.*, row_number() over (order by r.at, r.id) - row_number() over (
			partition by r.ok, r.class, r.status order by r.at, r.id) as island
		from p cross join lateral (select t.* from orderly.probe_result t where t.probe = p.code order by t.at desc limit 2000) r
	)
	select l.at, l.words from (
		select 1 as part, 0::bigint as nr, null::timestamptz as at, p.title || ': ' || p.kind || ' ' || p.url as words from p
		union all
		select 2, 0, null, 'Owner: ' || p.owner from p where p.owner is not null
		union all
		select 3, 0, null, 'Runbook: ' || p.runbook from p where p.runbook is not null
		union all
		select 4, 0, null, 'The certificate ends ' || to_char(p.cert_expires at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || 'Z.'
		from p where p.cert_expires is not null
		union all
		select 5, row_number() over (order by q.dead desc, q.messages desc, q.vhost, q.queue), null,
			concat_ws(' ', case when q.dead then 'dead-letter queue' else 'queue' end, concat_ws('/', nullif(q.vhost, '/'), q.queue))
				|| ': ' || q.messages || ' messages, ' || q.unacknowledged || ' on their way, ' || q.consumers || ' consumers'
		from p join orderly.broker_queue q on q.probe = p.code
		union all
		select 6, -row_number() over (order by min(n.at)), max(n.at),
			concat_ws(' ', n.class, n.status, case when count(*) > 1 then '(' || count(*) || ' times since '
				|| to_char(min(n.at) at time zone 'UTC', 'MM-DD HH24:MI') || 'Z)' end,
				'in ' || round(avg(n.latency_ms)::numeric) || ' ms', (array_agg(n.message order by n.at desc))[1])
		from newest n group by n.island, n.ok, n.class, n.status) l
	order by l.part, l.nr limit 600;
end;
grant execute on function orderly.probe_story(bigint) to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin;
