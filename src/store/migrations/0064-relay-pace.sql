-- kind: transaction
-- Replays at the pace of their targets: outcomes are noted at once and told in full a little later, so that
-- few are in doubt when a worker dies; and what is asked in every round keeps its plan, which a function in
-- SQL does not.

set local role orderly_{store}_owner;

create or replace function orderly.roles_of(login text) returns text[]
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return (
		with recursive walk (oid) as (
			select m.roleid
			from pg_roles r
			join pg_auth_members m on m.member = r.oid
			where r.rolname = login
			  and (coalesce((to_jsonb(m) ->> 'inherit_option')::bool, true)
			       or coalesce((to_jsonb(m) ->> 'set_option')::bool, true))
			union
			select m.roleid
			from walk
			join pg_auth_members m on m.member = walk.oid
			where coalesce((to_jsonb(m) ->> 'inherit_option')::bool, true)
			   or coalesce((to_jsonb(m) ->> 'set_option')::bool, true)
		)
		select coalesce(array_agg(substr(r.rolname, length('orderly_{store}_') + 1) order by r.rolname), '{}')
		from walk
		join pg_roles r on r.oid = walk.oid
		where r.rolname = any (array['orderly_{store}_support', 'orderly_{store}_operator',
			'orderly_{store}_approver', 'orderly_{store}_security', 'orderly_{store}_admin',
			'orderly_{store}_ingest', 'orderly_{store}_worker']));
end
$$;

create or replace function orderly.still(login text, person int, role text) returns bool
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return role = any (orderly.roles_of(login)) and exists (
		select from orderly.login l join orderly.person p on p.code = l.person
		where l.code = still.login and p.id = still.person and p.active and not l.blocked and not l.shared);
end
$$;

create or replace function orderly.replay_approvals(r orderly.replay_request) returns int
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return (select count(*)::int from orderly.replay_decision d
	        where d.request = r.id and d.revision = r.revision and d.verdict = 'approved'
	          and d.approver <> r.asker and orderly.still(d.approver_login, d.approver, 'approver'));
end
$$;

create or replace function orderly.replay_entitled(r orderly.replay_request) returns bool
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return orderly.still(r.asker_login, r.asker, 'operator') and orderly.replay_approvals(r) >= r.needed;
end
$$;

create or replace function orderly.replay_faults(items bigint[])
returns table (dead_letter bigint, interface int, class text, signature text, print bytea)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
begin
	return query
	select f.dead_letter, f.interface, f.class, f.signature, orderly.fingerprint(f.interface, f.class, f.signature)
	from (select distinct on (i.dead_letter) i.dead_letter, i.interface, coalesce(i.class, 'unknown') as class,
	             orderly.error_signature(coalesce(i.text, i.code, '')) as signature
	      from orderly.replay_item i where i.id = any (items) and i.state = 'failed'
	      order by i.dead_letter, i.id desc) f;
end
$$;

-- The old heads are looked up one by one as the new ones are: a plan made of what was known before a
-- request was filled would join all of its heads with all of its keys.
-- The first of a key is looked up by its place in the order, which only the index of that order knows: by the
-- key alone a plan may as well go through all that an interface has to send, for each key.
create or replace function orderly.replay_heads(items bigint[]) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	were bigint[];
	firsts bigint[];
begin
	select array_agg(h.id) filter (where h.interface = k.interface and h.ordering_key = k.ordering_key),
		array_agg(f.id) filter (where f.interface = k.interface and f.ordering_key = k.ordering_key)
	into were, firsts
	from (select distinct i.interface, i.ordering_key from orderly.replay_item i
	      where i.id = any (items) and i.ordering_key is not null) k
	left join lateral (
		select i.id, i.interface, i.ordering_key from orderly.replay_item i
		where (i.interface, i.ordering_key) >= (k.interface, k.ordering_key)
		  and i.live and i.head and i.ordering_key is not null
		order by i.interface, i.ordering_key limit 1) h on true
	left join lateral (
		select i.id, i.interface, i.ordering_key from orderly.replay_item i
		where (i.interface, i.ordering_key) >= (k.interface, k.ordering_key)
		  and i.live and i.go and i.ordering_key is not null
		order by i.interface, i.ordering_key, i.dead_letter limit 1) f on true;
	-- One after the other: no key may have two heads, not even within a statement.
	update orderly.replay_item i set head = false where i.id = any (were) and i.id <> all (coalesce(firsts, '{}'));
	update orderly.replay_item i set head = true where i.id = any (firsts) and not i.head;
end
$$;

-- Outcomes that are known and not told in full yet: written in a moment, and enough when the worker dies.
create table orderly.replay_note (
	lease uuid primary key,
	result jsonb not null,
	at timestamptz not null default clock_timestamp()
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Notes outcomes as complete_replay() takes them, and no more than that: what follows from them follows
-- when they are told there, or when the lease runs out. Nothing that was noted comes to be in doubt
-- because its worker died.
create function orderly.note_replays(results jsonb) returns int
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	n int := 0;
begin
	if orderly.gate_machine('worker') is null then
		insert into orderly.replay_note (lease, result)
		select s.lease, s.said
		from (select e as said, r.* from jsonb_array_elements(results) e
		      cross join lateral jsonb_to_record(e) as r (lease uuid, outcome text, class text, http_status int,
		          retry_after_s real, at timestamptz)) s
		join orderly.replay_item i on i.lease = s.lease and i.state = 'sending'
		where s.outcome = any (array['delivered', 'failed', 'not_sent', 'in_doubt', 'present', 'acknowledged'])
		order by s.lease
		on conflict do nothing;
		get diagnostics n = row_count;
	end if;
	return n;
end
$$;

-- How long an acknowledgement may take that an interface waits for.
create function orderly.replay_patience(f orderly.interface) returns interval
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return make_interval(secs => least(greatest(case when jsonb_typeof(f.retry -> 'acknowledge_s') = 'number'
		then (f.retry ->> 'acknowledge_s')::float8 else orderly.setting_int('replay.acknowledge_s', 3600) end, 1), 2592000));
end
$$;

-- Outcomes that a worker reports: delivered (the target took it; where the interface waits for an
-- acknowledgement, that is still to come); acknowledged; failed (the target said no); not_sent (certain
-- that nothing reached it: comes again); in_doubt; present (the target had it before). What is in doubt at
-- a target that keeps repeats apart is sent again with the same key, five times at most.
-- results: [{"lease": …, "outcome": …, "class", "code", "text", "http_status", "retry_after_s",
--            "message_id", "target_model", "target_ref", "at"}]
-- Each that was sent becomes a transaction of its own, child of the one that died. Answers per result;
-- telling the same outcome twice is fine.
create or replace function orderly.complete_replay(results jsonb)
returns table (lease uuid, item bigint, ok bool, code text, state text)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	blocked text := orderly.gate_machine('worker');
begin
	if jsonb_typeof(results) = 'object' then
		results := jsonb_build_array(results);
	end if;
	if jsonb_typeof(results) is distinct from 'array' or blocked is not null then
		return query select null::uuid, null::bigint, false, coalesce(blocked, 'outcome'), null::text;
	else
		return query select * from orderly.replay_record(results);
	end if;
end
$$;

-- The same, whoever says it. One that waits for its acknowledgement stays as it is, but for its lease, which
-- lasts as long as it may wait: when that runs out it goes as with a worker that died.
create function orderly.replay_record(results jsonb)
returns table (lease uuid, item bigint, ok bool, code text, state text)
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	error_of constant int[] := orderly.mask_wanted('error');
	told uuid[] := array(select (e ->> 'lease')::uuid from jsonb_array_elements(results) e);
	mine bigint[]; -- by which items are found: a join of them all with all that was told would read them all
	done_items bigint[];
	settled bigint[];
	answer jsonb;
begin
	perform from orderly.replay_request q
	where q.id in (select t.request from orderly.replay_item t where t.lease = any (told)) order by q.id for no key update;
	mine := array(select t.id from orderly.replay_item t where t.lease = any (told) order by t.id for update);
	with said as materialized (
		select distinct on (e.lease) e.* from jsonb_to_recordset(results) as e (lease uuid, outcome text, class text,
			code text, text text, http_status int, retry_after_s real)
		order by e.lease
	),
	judged as materialized (
		select s.*, t.id, t.state as was, a.act, a.waits, coalesce(w.state, r.becomes) as becomes, case
			when t.id is null then 'lease'
			when s.outcome is null or s.outcome <> all (array['delivered', 'acknowledged', 'failed', 'not_sent', 'in_doubt',
				'present']) then 'outcome'
			when s.class is not null and not exists (select from orderly.error_class c where c.code = s.class) then 'outcome'
			when t.outcome = s.outcome and (t.state = any (array['delivered', 'failed', 'in_doubt'])
				or t.state = 'sending' and a.waits) then 'repeat'
			when r.becomes is null then 'state' end as refusal
		from said s
		left join (select * from orderly.replay_item i where i.id = any (mine)) t on t.lease = s.lease
		left join orderly.interface f on f.id = t.interface
		cross join lateral (select case
			when s.outcome = 'in_doubt' and t.state = 'sending' and f.idempotency <> 'none' and t.sends < 5 then 'again'
			when s.outcome = 'acknowledged' then 'delivered'
			else s.outcome end as act,
			s.outcome = 'delivered' and f.success = 'acknowledged' as waits) a
		left join orderly.act_rule r on r.machine = 'replay_item' and r.act = a.act and r.state = t.state
		left join lateral (select t.state where a.waits and t.state in ('sending', 'in_doubt')) w on true
	),
	changed as (
		update orderly.replay_item t
		set state = j.becomes, outcome = j.outcome,
			class = j.class, code = j.code, http_status = j.http_status,
			text = case when t.interface = any (error_of) then orderly.mask_value(t.interface, 'error', left(j.text, 4000))
				else left(j.text, 4000) end,
			lease_until = case when j.becomes = 'sending' then clock_timestamp() + (
				select orderly.replay_patience(f) from orderly.interface f where f.id = t.interface) end,
			lease = case when j.act in ('not_sent', 'again') then null else t.lease end,
			head = t.head and j.becomes in ('waiting', 'in_doubt', 'sending'),
			-- Ever later, and with jitter, so that what failed together does not come back together.
			next_try_at = case when j.act in ('not_sent', 'again') then clock_timestamp() + least(make_interval(secs =>
				greatest(coalesce(j.retry_after_s, 0) * (1 + random() / 4),
					5 * power(2, least(t.claims, 7) - 1) * (0.75 + random() / 2))), interval '1 hour')
				else t.next_try_at end,
			settled_at = case when j.becomes not in ('waiting', 'sending') then clock_timestamp() end
		from judged j where t.id = any (mine) and t.id = j.id and j.refusal is null
		returning t.id, t.lease, t.state)
	select coalesce(jsonb_agg(jsonb_build_object('lease', j.lease, 'item', j.id,
			'code', coalesce(case j.refusal when 'repeat' then null else j.refusal end, 'done'),
			'state', coalesce(c.state, j.was))), '[]'),
		array_agg(j.id order by j.id) filter (where j.refusal is null),
		array_agg(j.id order by j.id) filter (where j.refusal is null and j.becomes <> 'sending')
	into answer, done_items, settled
	from judged j left join changed c on c.id = j.id;
	delete from orderly.replay_note n where n.lease = any (told);
	if done_items is not null then
		perform orderly.replay_children(done_items, results);
	end if;
	if settled is not null then
		perform orderly.replay_settled(settled);
	end if;
	return query select (a ->> 'lease')::uuid, (a ->> 'item')::bigint, a ->> 'code' = 'done', a ->> 'code', a ->> 'state'
	from jsonb_array_elements(answer) a;
end
$$;

-- The transactions of replays that reached an outcome, told to the store like any other events.
create or replace function orderly.replay_children(items bigint[], results jsonb) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	events bytea[];
	sent bigint[];
	interfaces int[];
	names text[];
	taken record;
begin
	with said as materialized (
		select distinct on (e ->> 'lease') (e ->> 'lease')::uuid as lease, e
		from jsonb_array_elements(results) e where e ->> 'lease' is not null
	),
	child as materialized (
		select i.id, i.interface as interface_id, i.state, i.outcome, i.class, i.code, i.text, i.http_status, i.sending_at,
			coalesce((e ->> 'at')::timestamptz, clock_timestamp()) as at, f.code as interface,
			coalesce(nullif(e ->> 'message_id', ''), m.message_id || '~' || i.id) as message_id,
			m.message_id as parent, m.correlation, m.business_key, m.entity, m.partner_ref,
			y.code as facility, p.code as partner, i.idempotency_key, e
		from orderly.replay_item i
		join orderly.interface f on f.id = i.interface
		join orderly.message m on m.id = i.dead_letter
		left join orderly.facility y on y.id = i.facility
		left join orderly.partner p on p.id = m.partner
		left join said r on r.lease = i.lease
		where i.id = any (items) and i.outcome <> 'present'
		  and (i.state in ('delivered', 'failed', 'sending') or i.state = 'in_doubt' and i.outcome = 'delivered')
	)
	select array_agg(convert_to(jsonb_strip_nulls(jsonb_build_object(
		'interface', c.interface, 'message_id', c.message_id, 'parent_id', c.parent, 'correlation_id', c.correlation,
		'business_key', c.business_key, 'entity', c.entity, 'facility', c.facility, 'partner', c.partner,
		'partner_ref', c.partner_ref, 'component', 'replay', 'stage', 'replay ' || c.id,
		'idempotency_key', c.idempotency_key, 'attempt', k.attempt,
		'kind', k.kind, 'at', to_char(k.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
		|| case when k.n = 2 then jsonb_strip_nulls(jsonb_build_object('class', c.class, 'code', c.code,
			'text', c.text, 'http_status', c.http_status, 'target_model', c.e ->> 'target_model',
			'target_ref', c.e ->> 'target_ref')) else '{}' end)::text, 'UTF8') order by c.id, k.n),
		array_agg(c.id order by c.id) filter (where k.n = 1),
		array_agg(c.interface_id order by c.id) filter (where k.n = 1),
		array_agg(c.message_id order by c.id) filter (where k.n = 1)
	into events, sent, interfaces, names
	from child c
	cross join lateral (values
		(1, 'attempted', coalesce(c.sending_at, c.at), 1),
		(2, case when c.state = 'failed' then 'dead' when c.outcome = 'acknowledged' then 'acknowledged'
		         else 'delivered' end, c.at, 1)) k (n, kind, at, attempt);
	if events is null then
		return;
	end if;
	select * into taken from orderly.ingest(events);
	if taken.rejected > 0 then
		raise exception 'replay_children: % of % events were rejected', taken.rejected, cardinality(events);
	end if;
	with born as (
		select i.id, i.dead_letter, m.id as child
		from unnest(sent, interfaces, names) s (item, interface, name)
		join orderly.replay_item i on i.id = s.item
		join orderly.message m on m.interface = s.interface and m.message_id = s.name collate "C"
	),
	noted as (
		update orderly.replay_item i set replayed_as = b.child from born b where i.id = b.id)
	insert into orderly.lineage (child, parent, item)
	select b.child, b.dead_letter, b.id from born b where b.child <> b.dead_letter
	on conflict (child) do nothing;
end
$$;

-- Notes whose lease has run out are told; those of nobody any more go. What cannot be told (its events are
-- not taken) is in doubt after all.
create function orderly.replay_notes_tell(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	leases uuid[];
	results jsonb;
begin
	select array_agg(w.lease), jsonb_agg(w.result) filter (where w.known) into leases, results
	from (select n.lease, n.result, i.id is not null as known
	      from orderly.replay_note n left join orderly.replay_item i on i.lease = n.lease
	      where i.id is null or i.state <> 'sending' or i.lease_until <= clock_timestamp()
	      order by n.at limit budget) w;
	begin
		if results is not null then
			perform orderly.replay_record(results);
		end if;
	exception when data_exception or integrity_constraint_violation or raise_exception then
		raise warning 'replay_notes_tell: %', sqlerrm;
	end;
	delete from orderly.replay_note n where n.lease = any (leases);
	return coalesce(cardinality(leases), 0);
end
$$;

-- Leases that ran out. Before the mark nothing has happened. Behind it the item is in doubt; where the
-- target keeps repeats apart by itself it is sent again, with the same key, five times at most. What was
-- noted before its worker died came to that end.
create or replace function orderly.duty_replay_leases(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	late bigint[];
	requests bigint[];
begin
	perform orderly.replay_notes_tell(budget);
	select array_agg(t.id), array_agg(distinct t.request) into late, requests
	from (select i.id, i.request from orderly.replay_item i
	      where i.state in ('claimed', 'sending') and i.lease_until <= clock_timestamp()
	      order by i.lease_until limit budget) t;
	if late is null then
		return 0;
	end if;
	perform from orderly.replay_request q where q.id = any (requests) order by q.id for update;
	select array_agg(t.id order by t.id) into late
	from (select i.id from orderly.replay_item i
	      where i.id = any (late) and i.state in ('claimed', 'sending') and i.lease_until <= clock_timestamp()
	      order by i.id for update) t;
	if late is null then
		return 0;
	end if;
	update orderly.replay_item i
	set state = orderly.act_next('replay_item', s.act, i.state),
		lease = case s.act when 'in_doubt' then i.lease end, lease_until = null,
		outcome = case s.act when 'in_doubt' then case i.outcome when 'delivered' then 'unacknowledged' else 'lost' end end,
		settled_at = case s.act when 'in_doubt' then clock_timestamp() end,
		next_try_at = case s.act when 'again' then clock_timestamp() + interval '5 seconds' else i.next_try_at end
	from (select t.id, case
			when t.state = 'claimed' then 'give_back'
			when f.idempotency in ('key', 'natural') and t.sends < 5 then 'again'
			else 'in_doubt' end as act
	      from orderly.replay_item t join orderly.interface f on f.id = t.interface
	      where t.id = any (late)) s
	where i.id = s.id;
	perform orderly.replay_check_want(array(
		select i.dead_letter from orderly.replay_item i where i.id = any (late) and i.state = 'in_doubt'), '0');
	perform orderly.replay_settled(late);
	return cardinality(late);
end
$$;

create index replay_item_awaited on orderly.replay_item (id)
	where state in ('sending', 'in_doubt') and outcome in ('delivered', 'unacknowledged');

-- Items that wait for an acknowledgement: their transaction has come to its end, or the first one has after
-- all. When none comes the lease runs out.
create function orderly.duty_replay_acks(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	here bigint[];
	requests bigint[];
begin
	select array_agg(w.id), array_agg(distinct w.request) into here, requests
	from (select i.id, i.request from orderly.replay_item i
	      left join orderly.transaction c on c.id = i.replayed_as
	      join orderly.transaction t on t.id = i.dead_letter
	      where i.state in ('sending', 'in_doubt') and i.outcome in ('delivered', 'unacknowledged')
	        and (c.state in ('done', 'dead') or t.state = 'done')
	      order by i.id limit budget) w;
	if here is null then
		return 0;
	end if;
	perform from orderly.replay_request q where q.id = any (requests) order by q.id for no key update;
	perform from orderly.replay_item i where i.id = any (here) order by i.id for update;
	with ended as (
		update orderly.replay_item i
		set state = r.becomes, outcome = e.outcome, class = e.class, code = e.code, text = e.text,
			lease_until = null, head = false, settled_at = clock_timestamp()
		from (select o.id, v.outcome, f.class, f.code, f.text
		      from orderly.replay_item o
		      join orderly.transaction t on t.id = o.dead_letter
		      left join orderly.transaction c on c.id = o.replayed_as
		      cross join lateral (select case when 'done' in (t.state, c.state) then 'acknowledged' else 'failed' end) v (outcome)
		      left join lateral (select coalesce(c.class, 'unknown'), c.code, coalesce(c.text, 'it was not acknowledged')
		                         where v.outcome = 'failed') f (class, code, text) on true
		      where o.id = any (here)) e,
			orderly.act_rule r
		where i.id = e.id and i.outcome in ('delivered', 'unacknowledged') and r.machine = 'replay_item'
		  and r.act = case e.outcome when 'failed' then 'failed' else 'delivered' end and r.state = i.state
		returning i.id)
	select array_agg(e.id order by e.id) into here from ended e;
	if here is not null then
		perform orderly.replay_settled(here);
	end if;
	return coalesce(cardinality(here), 0);
end
$$;

insert into orderly.duty (name, every_ms, budget) values ('replay_acks', 1000, 100);

grant execute on function orderly.note_replays(jsonb) to orderly_{store}_worker;
