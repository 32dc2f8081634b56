-- kind: transaction
-- Delivery of signals to the targets that workers name: each notice to each target once, as far as that
-- can be known. A worker claims, marks in a transaction of its own before it sends, and records what came
-- of it; one that dies in between leaves a delivery in doubt.

set local role orderly_{store}_owner;

-- Who is told, from which severity on, and whether the target keeps repeats of one key apart. It gets what
-- was put down after it was named first.
create table orderly.signal_target (
	name text primary key check (name ~ '^[a-z0-9][a-z0-9._-]{0,59}$'),
	severity text not null check (severity in ('info', 'warning', 'page')),
	repeats bool not null,
	upto bigint not null, -- the last notice that was looked at for it
	first_at timestamptz not null default clock_timestamp(),
	seen_at timestamptz not null default clock_timestamp(),
	worker text
) with (fillfactor = 50);

create table orderly.signal_delivery (
	id bigint generated always as identity primary key,
	notice bigint not null references orderly.signal_notice (id) on delete cascade,
	signal bigint not null references orderly.signal (id) on delete cascade,
	target text not null references orderly.signal_target (name),
	state text not null default 'waiting'
		check (state in ('waiting', 'claimed', 'sending', 'delivered', 'failed', 'in_doubt')),
	key uuid not null default gen_random_uuid(), -- the same for each try
	tries int not null default 0,
	next_at timestamptz not null default clock_timestamp(),
	lease uuid unique,
	lease_until timestamptz,
	worker text,
	made_at timestamptz not null default clock_timestamp(),
	sent_at timestamptz,
	settled_at timestamptz,
	status int, -- of HTTP, or a command's exit
	message text,
	unique (notice, target),
	constraint signal_delivery_settled check ((state in ('delivered', 'failed', 'in_doubt')) = (settled_at is not null)),
	constraint signal_delivery_leased check ((state in ('claimed', 'sending')) = (lease_until is not null))
) with (fillfactor = 50);
create index signal_delivery_of on orderly.signal_delivery (signal, target, id);
create index signal_delivery_due on orderly.signal_delivery (next_at) where state = 'waiting';
create index signal_delivery_leases on orderly.signal_delivery (lease_until) where state in ('claimed', 'sending');
create index signal_delivery_bad on orderly.signal_delivery (settled_at) where state in ('failed', 'in_doubt');

-- Ends a delivery, or lets it wait for another try: ever longer, a day or twenty tries at most.
create function orderly.signal_settle(d orderly.signal_delivery, outcome text, status int, message text)
returns text
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	becomes text := outcome;
begin
	if outcome = 'in_doubt' and (select t.repeats from orderly.signal_target t where t.name = d.target) then
		becomes := 'retry';
	end if;
	if becomes = 'retry' then
		becomes := case when d.tries >= 20 or d.made_at < clock_timestamp() - interval '1 day'
			then case outcome when 'in_doubt' then 'in_doubt' else 'failed' end else 'waiting' end;
	end if;
	update orderly.signal_delivery t
	set state = becomes, lease = null, lease_until = null, status = signal_settle.status,
		message = left(signal_settle.message, 300),
		settled_at = case when becomes <> 'waiting' then clock_timestamp() end,
		next_at = case when becomes = 'waiting' then clock_timestamp() + make_interval(
			secs => least(5 * power(2, greatest(d.tries - 1, 0)), 600) * (1 + random() / 4)) else t.next_at end
	where t.id = d.id;
	if becomes <> 'waiting' then
		insert into orderly.signal_history (signal, what, words)
		select d.signal, 'told', concat_ws(' ', d.target || ':', n.what, replace(becomes, '_', ' '),
			case when becomes <> 'delivered' then '(' || coalesce(left(signal_settle.message, 200), status::text) || ')' end)
		from orderly.signal_notice n where n.id = d.notice;
		perform pg_notify('orderly', 'signal');
	end if;
	return becomes;
end
$$;

-- What leases left behind: nothing was sent of what was claimed only; of what was marked nobody knows.
create function orderly.signal_leases() returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	d orderly.signal_delivery;
begin
	for d in select * from orderly.signal_delivery t
	         where t.state in ('claimed', 'sending') and t.lease_until <= clock_timestamp()
	         order by t.id limit 100 for update skip locked loop
		if d.state = 'claimed' then
			update orderly.signal_delivery t set state = 'waiting', lease = null, lease_until = null where t.id = d.id;
		else
			perform orderly.signal_settle(d, 'in_doubt', null, 'worker ' || d.worker || ' was lost while it sent');
		end if;
	end loop;
end
$$;

-- Names the targets of a worker and puts their deliveries down. The end of a signal goes to who heard of it.
create function orderly.signal_targets(worker text, targets jsonb) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	t record;
	last bigint := coalesce((select max(n.id) from orderly.signal_notice n), 0);
begin
	for t in select g.*, h.upto from jsonb_to_recordset(targets) as g (name text, severity text, repeats bool)
	         left join orderly.signal_target h on h.name = g.name
	         order by g.name loop
		insert into orderly.signal_target as h (name, severity, repeats, upto, worker)
		values (t.name, t.severity, t.repeats, last, left(signal_targets.worker, 200))
		on conflict (name) do update set severity = excluded.severity, repeats = excluded.repeats,
			seen_at = clock_timestamp(), worker = excluded.worker, upto = greatest(h.upto, excluded.upto)
		where (h.severity, h.repeats, h.worker) is distinct from (excluded.severity, excluded.repeats, excluded.worker)
		   or h.upto < excluded.upto or h.seen_at < clock_timestamp() - interval '30 seconds';
		insert into orderly.signal_delivery (notice, signal, target)
		select n.id, n.signal, t.name
		from orderly.signal_notice n
		where n.id > t.upto and n.id <= last
		  and case n.what when 'end' then exists (
				select from orderly.signal_notice o
				where o.signal = n.signal and o.id < n.id and orderly.severity_rank(o.severity) >= orderly.severity_rank(t.severity)
				  and (o.id > t.upto or exists (select from orderly.signal_delivery d where d.notice = o.id and d.target = t.name)))
			else orderly.severity_rank(n.severity) >= orderly.severity_rank(t.severity) end
		order by n.id
		on conflict do nothing;
	end loop;
end
$$;

-- Hands out deliveries that are due to the targets that this worker names, in the order of each signal.
create function orderly.claim_signals(worker text, targets jsonb, want int default 10, lease_s int default 60)
returns table (lease uuid, target text, key text, body text)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
begin
	perform orderly.gate_worker();
	perform orderly.signal_leases();
	perform orderly.signal_targets(claim_signals.worker, targets);
	return query
	with due as materialized (
		select d.id from orderly.signal_delivery d
		where d.state = 'waiting' and d.next_at <= clock_timestamp()
		  and d.target in (select g ->> 'name' from jsonb_array_elements(targets) g)
		  and not exists (select from orderly.signal_delivery e where e.signal = d.signal and e.target = d.target
		                  and e.id < d.id and e.state in ('waiting', 'claimed', 'sending'))
		order by d.next_at, d.id limit greatest(least(want, 100), 0)
		for update skip locked
	),
	taken as (
		update orderly.signal_delivery d
		set state = 'claimed', lease = gen_random_uuid(), worker = left(claim_signals.worker, 200),
			lease_until = clock_timestamp() + make_interval(secs => greatest(least(lease_s, 3600), 1))
		from due where d.id = due.id
		returning d.*
	)
	select k.lease, k.target, k.key::text, (n.doc || jsonb_build_object('key', k.key, 'what', n.what, 'severity', n.severity,
		'at', to_jsonb(n.at), 'turn', n.turn))::text
	from taken k join orderly.signal_notice n on n.id = k.notice
	order by k.id;
end
$$;

-- From its commit on something may have reached the target. False: do not send, the lease is too old.
create function orderly.mark_signal(lease uuid) returns bool
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	perform orderly.gate_worker();
	update orderly.signal_delivery d set state = 'sending', tries = d.tries + 1, sent_at = clock_timestamp()
	where d.lease = mark_signal.lease and d.state = 'claimed' and d.lease_until > clock_timestamp();
	return found;
end
$$;

-- How it ended: delivered; failed, for good; retry, since it certainly did not arrive; in_doubt. What it has
-- become, or NULL when the lease was lost meanwhile.
create function orderly.complete_signal(lease uuid, outcome text, status int, message text) returns text
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	d orderly.signal_delivery;
begin
	perform orderly.gate_worker();
	if coalesce(outcome not in ('delivered', 'failed', 'retry', 'in_doubt'), true) then
		raise exception 'complete_signal: what is the outcome "%"?', outcome using errcode = '22023';
	end if;
	select * into d from orderly.signal_delivery t
	where t.lease = complete_signal.lease and t.state = 'sending' for update;
	if d.id is null then
		return null;
	end if;
	return orderly.signal_settle(d, outcome, status, message);
end
$$;

-- For whoever watches a worker: how long ago the rules were last held against the facts (NULL: never), and
-- what is open and not kept quiet. One row at least.
create function orderly.signals_open(most int default 200)
returns table (age_s real, rule text, object text, severity text)
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	perform orderly.gate_worker();
	return query
	select extract(epoch from clock_timestamp() - w.evaluated_at)::real, s.rule, s.object, s.severity
	from orderly.signal_watch w
	left join (select o.* from orderly.signal o where o.state in ('raised', 'acknowledged') and o.quiet is null
	           order by orderly.severity_rank(o.severity) desc, o.id limit greatest(least(most, 1000), 1)) s on true;
end
$$;

grant execute on function orderly.claim_signals(text, jsonb, int, int), orderly.mark_signal(uuid),
	orderly.complete_signal(uuid, text, int, text), orderly.signals_open(int) to orderly_{store}_worker;

alter table orderly.signal_delivery enable row level security;
create policy signal_delivery_read on orderly.signal_delivery for select
	using (exists (select from orderly.signal s where s.id = signal));
grant select on orderly.signal_delivery, orderly.signal_target to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver;

-- That nobody is reached is itself worth a signal. What tells of it does not count.
insert into orderly.signal_measure values
	('delivery', 'signals that did not reach a target within the hour', 'target', 'count');

create function orderly.signal_undelivered(at timestamptz) returns setof orderly.signal_fact
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select 'delivery', null::text, d.target, null::int, null::text, count(*), null::bigint,
		concat_ws(', ', nullif(count(*) filter (where d.state = 'failed'), 0) || ' failed',
			nullif(count(*) filter (where d.state = 'in_doubt'), 0) || ' in doubt',
			nullif(count(*) filter (where d.state = 'waiting'), 0) || ' tried in vain so far')
	from (
		select b.* from orderly.signal_delivery b
		where b.state in ('failed', 'in_doubt') and b.settled_at > signal_undelivered.at - interval '1 hour'
		union all
		select w.* from orderly.signal_delivery w
		where w.state = 'waiting' and w.tries >= 3) d
	join orderly.signal s on s.id = d.signal and s.measure <> 'delivery'
	group by d.target;
end;

-- A rule that comes with the store, put in by a later migration.
create function orderly.signal_rule_ship(code text, doc jsonb) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	book bigint;
begin
	insert into orderly.import (origin, login, reason) values ('setup', session_user, 'a rule that comes with the store')
	returning id into book;
	perform orderly.catalogue_put('signal_rule', signal_rule_ship.code, doc, null, book);
end
$$;
select orderly.signal_rule_ship('undelivered', '{"title": "signals do not arrive", "measure": "delivery",
	"threshold": 1, "severity": "warning", "rest_s": 300}');
