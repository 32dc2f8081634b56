-- kind: transaction
-- Replays: asked for by one person, decided by others, executed by any worker, applied once.
--
-- What is replayed is frozen when it is asked for: these transactions, these payloads by digest, this
-- idempotency key. The states of requests and items stand in orderly.act_rule with those of dead
-- letters; every function here asks it. Locks are taken in one order: request, item, ordering key,
-- failure group, dead letter, each by its number.

set local role orderly_{store}_owner;

insert into orderly.act_rule (machine, act, state, becomes)
select r.machine, r.act, s, r.becomes
from (values
	('replay_request', 'edit', 'asked,approved', 'asked'),
	('replay_request', 'approve', 'asked', 'approved'),
	('replay_request', 'reject', 'asked', 'rejected'),
	('replay_request', 'expire', 'asked,approved', 'expired'),
	('replay_request', 'start', 'approved', 'running'),
	('replay_request', 'pause', 'approved,running', 'paused'),
	('replay_request', 'stop', 'approved,running', 'stopped'), -- by itself
	('replay_request', 'resume', 'paused,stopped', 'running'),
	('replay_request', 'cancel', 'asked,approved,running,paused,stopped', 'cancelled'),
	('replay_request', 'finish', 'running,paused,stopped', 'done'),
	('replay_item', 'claim', 'waiting', 'claimed'),
	('replay_item', 'send', 'claimed', 'sending'), -- the durable mark before the first byte
	('replay_item', 'delivered', 'sending,in_doubt', 'delivered'),
	('replay_item', 'present', 'waiting,claimed,sending,in_doubt', 'delivered'), -- the target had it
	('replay_item', 'failed', 'claimed,sending,in_doubt', 'failed'),
	('replay_item', 'not_sent', 'claimed,sending', 'waiting'), -- certain that nothing reached the target
	('replay_item', 'in_doubt', 'sending', 'in_doubt'),
	('replay_item', 'give_back', 'claimed', 'waiting'), -- the lease ran out before the mark
	('replay_item', 'again', 'sending,in_doubt', 'waiting'), -- sent anew with the same key
	('replay_item', 'hold', 'waiting,claimed', 'held'),
	('replay_item', 'release', 'held', 'waiting'),
	('replay_item', 'refuse', 'waiting,claimed,held', 'refused'),
	('replay_item', 'cancel', 'waiting,claimed,held', 'cancelled')) as r (machine, act, states, becomes)
cross join unnest(string_to_array(r.states, ',')) s;

insert into orderly.refusal_code values
	('nothing_eligible', 'none of these can be replayed'),
	('pending', 'a replay of these is under way already'),
	('too_many_items', 'more than 10000 in one request'),
	('emergency', 'an emergency replay is not allowed here, or not for so many'),
	('options', 'these options are not understood'),
	('own_replay', 'nobody decides about a replay of their own'),
	('revision', 'the request was edited since; look at it again'),
	('count', 'the number of items is another one'),
	('decided', 'you have decided about this already'),
	('asker_role', 'who asked for this may no longer ask'),
	('not_asker', 'only who asked for this can edit it'),
	('looked', 'look at the changes first; the look is recorded'),
	('locked', 'these fields must stay as they were recorded'),
	('outcome', 'there is no such outcome'),
	('lease', 'this lease has run out or was never given'),
	('not_running', 'the request is not running');

-- policy: what the interfaces asked for; needed: how many approvals that makes.
create table orderly.replay_request (
	id bigint generated always as identity primary key,
	revision int not null default 1,
	asker int not null references orderly.person (id),
	asker_login text not null,
	asked_at timestamptz not null default clock_timestamp(),
	reason text not null,
	origin jsonb not null,
	policy text not null check (policy in ('free', 'one', 'two', 'emergency')),
	needed smallint not null check (needed between 0 and 2),
	state text not null check (state in ('asked', 'approved', 'running', 'paused', 'stopped', 'done',
		'rejected', 'expired', 'cancelled')),
	items int not null check (items > 0),
	edited bool not null default false,
	interfaces int[] not null,
	expires_at timestamptz not null,
	stage smallint not null default 1,
	stages smallint not null,
	stop_ppm int not null check (stop_ppm between 0 and 1000000),
	rate_per_s real check (rate_per_s > 0),
	why text,
	changed_at timestamptz not null default clock_timestamp(),
	approved_at timestamptz,
	started_at timestamptz,
	ended_at timestamptz,
	review_due timestamptz,
	reviewer int references orderly.person (id),
	reviewer_login text,
	reviewed_at timestamptz,
	review_ok bool,
	review_reason text,
	constraint replay_request_review check (reviewer <> asker),
	constraint replay_request_edited check (not edited or needed > 0),
	constraint replay_request_needed check ((policy = 'emergency') = (review_due is not null))
);
create index replay_request_open on orderly.replay_request (id)
	where state in ('asked', 'approved', 'running', 'paused', 'stopped');
create index replay_request_review on orderly.replay_request (review_due)
	where review_due is not null and reviewed_at is null;

-- What was frozen, each time it was. A decision is about one of these.
create table orderly.replay_revision (
	request bigint not null references orderly.replay_request (id),
	revision int not null,
	asker int not null,
	digest bytea not null,
	at timestamptz not null default clock_timestamp(),
	why text not null,
	primary key (request, revision),
	unique (request, revision, asker)
);

-- Four eyes are held here and not by the functions.
create table orderly.replay_decision (
	request bigint not null,
	revision int not null,
	asker int not null,
	approver int not null references orderly.person (id),
	approver_login text not null,
	verdict text not null check (verdict in ('approved', 'rejected')),
	at timestamptz not null default clock_timestamp(),
	reason text,
	foreign key (request, revision, asker) references orderly.replay_revision (request, revision, asker),
	unique (request, revision, approver),
	constraint replay_decision_four_eyes check (asker <> approver)
);

create table orderly.replay_item (
	id bigint generated always as identity primary key,
	request bigint not null references orderly.replay_request (id),
	nr int not null,
	stage smallint not null,
	dead_letter bigint not null references orderly.dead_letter (id),
	interface int not null,
	facility smallint,
	born date not null,
	ordering_key text collate "C", -- only where the interface keeps an order
	payload_key bytea not null,
	payload_digest bytea not null,
	sent_digest bytea not null,
	idempotency_key text not null,
	state text not null default 'waiting' check (state in ('waiting', 'claimed', 'sending', 'in_doubt',
		'held', 'delivered', 'failed', 'refused', 'cancelled')),
	live bool not null generated always as (
		state in ('waiting', 'claimed', 'sending', 'in_doubt', 'held')) stored,
	go bool not null default false, -- its request was approved
	head bool not null default false, -- the first of its ordering key, or in no order at all
	behind bigint, -- the dead letter or transaction for which it waits
	waived bool not null default false, -- a person let it pass although a later one was delivered
	next_try_at timestamptz not null default '-infinity',
	lease uuid unique,
	lease_until timestamptz,
	worker text,
	claims int not null default 0,
	sends int not null default 0,
	sending_at timestamptz,
	settled_at timestamptz,
	outcome text,
	class text,
	code text,
	text text,
	http_status int,
	replayed_as bigint,
	unique (request, nr),
	constraint replay_item_lease check ((state in ('claimed', 'sending')) <= (lease is not null))
) with (fillfactor = 70);
create unique index replay_item_live on orderly.replay_item (dead_letter) where live;
create unique index replay_item_live_key on orderly.replay_item (interface, idempotency_key) where live;
create unique index replay_item_head on orderly.replay_item (interface, ordering_key)
	where live and head and ordering_key is not null;
create index replay_item_queue on orderly.replay_item (dead_letter)
	where state = 'waiting' and go and head;
create index replay_item_order on orderly.replay_item (interface, ordering_key, dead_letter)
	where live and go and ordering_key is not null;
create index replay_item_leased on orderly.replay_item (lease_until) where state in ('claimed', 'sending');
create index replay_item_of on orderly.replay_item (dead_letter);
create index replay_item_behind on orderly.replay_item (behind) where behind is not null;
create index replay_item_doubt on orderly.replay_item (id) where state in ('in_doubt', 'held');

-- How far each stage is. settled: nothing more happens to it by itself; final: it is not live.
create table orderly.replay_stage (
	request bigint not null references orderly.replay_request (id),
	stage smallint not null,
	items int not null,
	settled int not null default 0,
	bad int not null default 0,
	final int not null default 0,
	forgiven_settled int not null default 0, -- what a person has seen when they let it go on
	forgiven_bad int not null default 0,
	primary key (request, stage)
) with (fillfactor = 50);

-- A payload as it was edited, one per revision. Nobody reads it but through replay_changes().
create table orderly.replay_edit (
	item bigint not null references orderly.replay_item (id),
	revision int not null,
	content_type text,
	body bytea not null,
	digest bytea not null,
	at timestamptz not null default clock_timestamp(),
	primary key (item, revision)
);

-- Who looked at the changes of an item; counts from the next transaction on.
create table orderly.replay_look (
	item bigint not null references orderly.replay_item (id),
	revision int not null,
	person int not null references orderly.person (id),
	xid xid8 not null default pg_current_xact_id(),
	at timestamptz not null default clock_timestamp(),
	primary key (item, revision, person)
);

-- Tokens: how many sends a target, or a request, has saved up.
create table orderly.replay_bucket (
	code text primary key,
	tokens double precision not null,
	at timestamptz not null
) with (fillfactor = 50);

-- Whether the target has it already: asked by a worker, who writes down the answer.
create table orderly.replay_check (
	dead_letter bigint primary key references orderly.dead_letter (id),
	asked_at timestamptz not null default clock_timestamp(),
	token uuid,
	token_until timestamptz,
	worker text,
	answered_at timestamptz,
	answer text check (answer in ('present', 'absent', 'unknown')),
	detail jsonb
);
create index replay_check_open on orderly.replay_check (asked_at)
	where answered_at is null or answered_at < asked_at;

create index message_by_ordering on orderly.message (interface, ordering_key, id)
	where ordering_key is not null;

-- Keeps the stages, whoever changes items and however many at once.
create function orderly.replay_item_counted() returns trigger
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	update orderly.replay_stage s
	set settled = s.settled + c.settled, bad = s.bad + c.bad, final = s.final + c.final
	from (
		select request, stage, sum(sign * settled::int) as settled, sum(sign * bad::int) as bad,
			sum(sign * (not live)::int) as final
		from (
			select request, stage, live, 1 as sign, not live or state in ('in_doubt', 'held') as settled,
				state in ('failed', 'in_doubt') as bad from added
			union all
			select request, stage, live, -1, not live or state in ('in_doubt', 'held'),
				state in ('failed', 'in_doubt') from removed) i
		group by request, stage) c
	where s.request = c.request and s.stage = c.stage and (c.settled, c.bad, c.final) <> (0, 0, 0);
	return null;
end
$$;
create trigger replay_item_changed after update on orderly.replay_item
	referencing new table as added old table as removed
	for each statement execute function orderly.replay_item_counted();

-- ---- freezing -----------------------------------------------------------------------------------

-- Length-prefixed, so that no two payloads read the same. This and the next function have no settings
-- of their own, so that they become part of the statements that call them.
create function orderly.payload_digest(content_type text, headers jsonb, body bytea) returns bytea
language sql immutable parallel safe
return sha256(convert_to(concat(length(content_type), ':', content_type, ',', length(headers::text), ':', headers, ','),
	'UTF8') || coalesce(body, ''));

-- The recorded payload that a replay sends: the last one that went out, else the first that came in.
create function orderly.replay_payload(transaction bigint, born date)
returns table (key bytea, content_type text, headers jsonb, body bytea)
language sql stable rows 1
begin atomic
	select p.key, p.content_type, p.headers, p.body
	from orderly.payload p
	where p.born = replay_payload.born and p.transaction = replay_payload.transaction and p.body is not null
	order by (p.kind in ('outbound', 'request')) desc nulls last,
		case when p.kind in ('outbound', 'request') then p.arrived end desc, p.arrived, p.key
	limit 1;
end;

-- The middleware's own key where it told one, else one that anyone can compute again.
create function orderly.replay_key(transaction bigint, born date, interface text, message_id text, sent bytea)
returns text
language plpgsql stable
as $$
begin
	return coalesce(
		(select e.idempotency_key from orderly.event e
		 where e.born = replay_key.born and e.transaction = replay_key.transaction
		   and e.idempotency_key <> ''
		 order by e.attempt desc, e.at desc, e.key desc limit 1),
		'orderly-' || encode(substr(sha256(convert_to(concat(length(interface), ':', interface, ',', length(message_id),
			':', message_id, ','), 'UTF8') || sent), 1, 16), 'hex'));
end
$$;

-- ---- verdicts -----------------------------------------------------------------------------------

-- What stands in the way of dead letters whose interface keeps an order. earlier: the first of the same
-- ordering key that has not arrived, a dead letter that is not settled or a message still on its way;
-- `besides` do not count. later: the last one that has arrived, by itself or by a replay. Each key is
-- looked at once, however many of it there are.
create function orderly.replay_neighbours(ids bigint[], besides bigint[])
returns table (id bigint, earlier bigint, later bigint)
language plpgsql stable
as $$
#variable_conflict use_column
begin
	return query
	with mine as materialized (
		select l.id, l.interface, l.ordering_key
		from orderly.dead_letter l join orderly.interface f on f.id = l.interface
		where l.id = any (ids) and l.ordering_key is not null and f.ordering_key is not null and l.unresolved
	),
	key as materialized (
		select m.interface, m.ordering_key, min(m.id) as first, max(m.id) as last from mine m group by 1, 2
	),
	flying as materialized (
		select k.interface, k.ordering_key, min(m.id) as id
		from orderly.transaction t
		join orderly.message m on m.id = t.id
		join key k on k.interface = m.interface and k.ordering_key = m.ordering_key
		where t.state in ('waiting', 'running', 'retrying') and t.id < (select max(o.last) from key o)
		  and m.id not in (select b from unnest(besides) b where b is not null)
		group by 1, 2
	),
	around as materialized (
		select k.interface, k.ordering_key, least(e.id, y.id) as earlier, d.id as later
		from key k
		left join flying y on y.interface = k.interface and y.ordering_key = k.ordering_key
		left join lateral (
			select l.id from orderly.dead_letter l
			where l.interface = k.interface and l.ordering_key = k.ordering_key and l.unresolved and l.id < k.last
			  and l.id not in (select b from unnest(besides) b where b is not null)
			order by l.id limit 1) e on true
		left join lateral (
			select m.id from orderly.message m
			join orderly.transaction t on t.id = m.id
			left join orderly.dead_letter l on l.id = m.id
			where m.interface = k.interface and m.ordering_key = k.ordering_key and m.id > k.first
			  and (t.state = 'done' or l.state = 'resolved')
			order by m.id desc limit 1) d on true
	)
	select m.id, case when a.earlier < m.id then a.earlier end, case when a.later > m.id then a.later end
	from mine m join around a on a.interface = m.interface and a.ordering_key = m.ordering_key;
end
$$;

-- What would become of each, if it were asked for now. eligible and behind can be asked for.
create function orderly.replay_verdicts(ids bigint[])
returns table (id bigint, verdict text, ref bigint)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	interfaces constant int[] := orderly.my_interfaces();
	facilities constant smallint[] := orderly.my_facilities();
begin
	return query
	select u.id, case
			when l.id is null or l.interface <> all (interfaces) or l.facility <> all (facilities) then 'out_of_scope'
			when t.state <> 'dead' or l.state = 'resolved' then 'delivered'
			when i.id is not null then 'pending'
			when not l.unresolved then 'closed'
			when l.state = 'quarantined' and cardinality(ids) > 1 then 'quarantined'
			when f.replay_policy = 'never' or f.lifecycle = 'retired' then 'policy'
			when c.answer = 'present' and c.answered_at > clock_timestamp() - interval '15 minutes' then 'present'
			when not exists (select from orderly.replay_payload(l.id, l.born)) then 'no_payload'
			when o.later is not null then 'overtaken'
			when o.earlier is not null then 'behind'
			else 'eligible' end,
		coalesce(i.request, o.later, o.earlier)
	from (select distinct n as id from unnest(ids) n) u
	left join orderly.dead_letter l on l.id = u.id
	left join orderly.transaction t on t.id = l.id
	left join orderly.interface f on f.id = l.interface
	left join orderly.replay_item i on i.dead_letter = l.id and i.live
	left join orderly.replay_check c on c.dead_letter = l.id
	left join orderly.replay_neighbours(ids, ids) o on o.id = u.id;
end
$$;

-- Has the workers ask the targets about these, where the endpoint says how, unless they answered
-- within this time. The last answer stands until the next one comes.
create function orderly.replay_check_want(ids bigint[], within interval default '1 minute') returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	n int;
begin
	insert into orderly.replay_check as c (dead_letter)
	select l.id from orderly.dead_letter l join orderly.interface f on f.id = l.interface
	where l.id = any (ids) and jsonb_typeof(f.endpoint -> 'check') = 'object'
	order by l.id
	on conflict (dead_letter) do update
	set asked_at = clock_timestamp(), token = null, token_until = null
	where c.answered_at >= c.asked_at and c.answered_at < clock_timestamp() - within;
	get diagnostics n = row_count;
	return n;
end
$$;

-- A dry run for the set that a person has before them, and the same for a request as it is now. Each
-- has the targets asked anew; their answers are in the next one.
create function orderly.replay_dry_run(ids bigint[]) returns table (id bigint, verdict text, ref bigint)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator', 'approver']);
begin
	if who.code is not null or coalesce(cardinality(ids), 0) > 10000 then
		perform orderly.refuse('replay_dry_run', 'dead_letter', null, coalesce(who.code, 'too_many_items'));
		return;
	end if;
	perform orderly.replay_check_want(array(
		select l.id from orderly.dead_letter l where l.id = any (ids) and orderly.in_scope(l.interface, l.facility)));
	return query select v.id, v.verdict, v.ref from orderly.replay_verdicts(ids) v order by v.id;
end
$$;

-- ---- asking -------------------------------------------------------------------------------------

-- What of the frozen content a revision stands for.
create function orderly.replay_digest(request bigint) returns bytea
language sql stable
set search_path = pg_catalog, orderly, pg_temp
return (select sha256(string_agg(int8send(i.dead_letter) || i.payload_digest || i.sent_digest
                                 || sha256(convert_to(i.idempotency_key, 'UTF8')), '' order by i.nr))
        from orderly.replay_item i where i.request = replay_digest.request);

-- How many approvals these interfaces want for so many items; -1 when an emergency is not allowed.
create function orderly.replay_policy(interfaces int[], n int, emergency bool, out policy text, out needed int)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	if emergency then
		policy := 'emergency';
		needed := case when n <= (select min(f.emergency_limit) from orderly.interface f
		                          where f.id = any (interfaces)) then 0 else -1 end;
		return;
	end if;
	select max(case f.replay_policy when 'free' then case when n <= f.replay_limit then 0 else 1 end
	                                when 'one' then 1 else 2 end)
	into needed from orderly.interface f where f.id = any (interfaces);
	policy := case needed when 0 then 'free' when 1 then 'one' else 'two' end;
end
$$;

-- Lets the items of an approved request go: their dead letters are being replayed from now on.
create function orderly.replay_go(request bigint) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	k record;
begin
	select array_agg(i.id) as items, array_agg(i.dead_letter) as letters, bool_or(i.ordering_key is not null) as sorted into k
	from orderly.replay_item i where i.request = replay_go.request and i.state = 'waiting';
	perform orderly.replay_order_lock(k.sorted);
	update orderly.replay_item i set go = true, head = i.ordering_key is null where i.id = any (k.items);
	perform orderly.dead_letters_step('replay_begin', k.letters);
	if k.sorted then
		perform orderly.replay_heads(k.items);
	end if;
end
$$;

-- Before heads of ordering keys change, and before any dead letter is locked. One lock for all keys: a
-- lock per key would have to be taken in one order over all steps of a transaction, and ten thousand
-- of them would fill the server's table. A row and no advisory lock: that could be taken by anyone who
-- can connect, for ever. What keeps no order never comes here.
create table orderly.replay_order (only_row bool primary key default true check (only_row));
insert into orderly.replay_order default values;
create function orderly.replay_order_lock(needed bool) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	if needed then
		perform from orderly.replay_order for update;
	end if;
end
$$;

-- Finds the heads of these items' ordering keys anew: the oldest that is live. One that failed is not,
-- but its dead letter still lies before those behind it.
create function orderly.replay_heads(items bigint[]) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	interfaces int[];
	keys text[];
	firsts bigint[];
begin
	select array_agg(k.interface), array_agg(k.ordering_key), array_agg(f.id) into interfaces, keys, firsts
	from (select distinct i.interface, i.ordering_key from orderly.replay_item i
	      where i.id = any (items) and i.ordering_key is not null) k
	left join lateral (
		select i.id from orderly.replay_item i
		where i.interface = k.interface and i.ordering_key = k.ordering_key and i.live and i.go
		order by i.dead_letter limit 1) f on true;
	-- One after the other: no key may have two heads, not even within a statement.
	update orderly.replay_item i set head = false
	from unnest(interfaces, keys, firsts) k (interface, ordering_key, first)
	where i.interface = k.interface and i.ordering_key = k.ordering_key collate "C" and i.live and i.head
	  and i.id is distinct from k.first;
	update orderly.replay_item i set head = true where i.id = any (firsts) and not i.head;
end
$$;

-- Asks for these dead letters to be replayed. options: emergency (bool), stages (how many items in
-- each but the last; [1, 10] unless told, [] for none), stop_ppm (share of failures at which it stops),
-- rate (per second), hours (until it expires). What cannot be asked for is named in detail.skipped.
create function orderly.replay_ask(ids bigint[], reason text, options jsonb default '{}',
                                   origin jsonb default '{"what": "set"}')
returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator']);
	emergency bool;
	sizes int[];
	chosen bigint[];
	skipped jsonb;
	same jsonb;
	p record;
	interfaces int[];
	why text := who.code;
	r orderly.replay_request;
begin
	why := coalesce(why, case
		when not orderly.has_reason(reason) then 'reason'
		when coalesce(cardinality(ids), 0) = 0 then 'nothing_eligible'
		when cardinality(ids) > 10000 then 'too_many_items'
		when not orderly.replay_options_fit(options) or jsonb_typeof(origin) is distinct from 'object' then 'options' end);
	if why is not null then
		return orderly.refuse('replay_ask', 'replay', null, why, reason);
	end if;
	emergency := coalesce((options ->> 'emergency')::bool, false);
	sizes := coalesce((select array_agg(e::int order by n) from jsonb_array_elements_text(options -> 'stages')
	                   with ordinality s (e, n)),
	                  case when options ? 'stages' then '{}'::int[] else array[1, 10] end);
	perform orderly.replay_order_lock(exists (
		select from orderly.dead_letter l where l.id = any (ids) and l.ordering_key is not null));
	perform orderly.dead_letters_lock(ids);
	select array_agg(v.id order by v.id) filter (where v.verdict in ('eligible', 'behind')),
		coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', v.id, 'verdict', v.verdict, 'ref', v.ref))
			order by v.id) filter (where v.verdict not in ('eligible', 'behind')), '[]')
	into chosen, skipped from orderly.replay_verdicts(ids) v;
	if chosen is null then
		return orderly.refuse('replay_ask', 'replay', skipped -> 0 ->> 'ref', case
			when not exists (select from jsonb_array_elements(skipped) e where e ->> 'verdict' <> 'pending')
			then 'pending' else 'nothing_eligible' end, reason, jsonb_build_object('skipped', skipped));
	end if;
	select array_agg(distinct l.interface) into interfaces from orderly.dead_letter l where l.id = any (chosen);
	p := orderly.replay_policy(interfaces, cardinality(chosen), emergency);
	if p.needed < 0 then
		return orderly.refuse('replay_ask', 'replay', null, 'emergency', reason,
			jsonb_build_object('items', cardinality(chosen)));
	end if;
	insert into orderly.replay_request (asker, asker_login, reason, origin, policy, needed, state, items,
		interfaces, expires_at, stages, stop_ppm, rate_per_s, review_due)
	values (who.person, session_user, btrim(reason), origin, p.policy, p.needed, 'asked', cardinality(chosen),
		interfaces,
		clock_timestamp() + make_interval(hours => coalesce((options ->> 'hours')::int,
			orderly.setting_int('replay.hours', 24))),
		cardinality(sizes) + 1, coalesce((options ->> 'stop_ppm')::int, orderly.setting_int('replay.stop_ppm', 200000)),
		(options ->> 'rate')::real, case when emergency then clock_timestamp() + interval '24 hours' end)
	returning * into r;
	same := orderly.replay_freeze(r, chosen, sizes);
	skipped := skipped || same;
	if not exists (select from orderly.replay_item i where i.request = r.id) then
		delete from orderly.replay_request q where q.id = r.id;
		return orderly.refuse('replay_ask', 'replay', null, 'pending', reason, jsonb_build_object('skipped', skipped));
	end if;
	insert into orderly.replay_revision (request, revision, asker, digest, why)
	values (r.id, 1, r.asker, orderly.replay_digest(r.id), btrim(reason));
	perform orderly.replay_check_want(chosen);
	if p.needed = 0 then
		update orderly.replay_request q set state = orderly.act_next('replay_request', 'approve', q.state),
			approved_at = clock_timestamp() where q.id = r.id;
		perform orderly.replay_go(r.id);
	end if;
	perform pg_notify('orderly', 'replay');
	return orderly.done('replay_ask', 'replay', r.id::text, r.id, reason, jsonb_build_object(
		'items', (select q.items from orderly.replay_request q where q.id = r.id), 'policy', p.policy,
		'needed', p.needed, 'digest', encode(orderly.replay_digest(r.id), 'hex'), 'skipped', skipped));
end
$$;

create function orderly.replay_options_fit(options jsonb) returns bool
language plpgsql immutable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return coalesce(jsonb_typeof(options) = 'object'
		and options - array['emergency', 'stages', 'stop_ppm', 'rate', 'hours'] = '{}'
		and coalesce(jsonb_typeof(options -> 'emergency') = 'boolean', true)
		and coalesce(jsonb_typeof(options -> 'stages') = 'array' and jsonb_array_length(options -> 'stages') <= 8
			and not exists (select from jsonb_array_elements(options -> 'stages') e
				where jsonb_typeof(e) <> 'number' or e::text !~ '^[1-9][0-9]{0,4}$'), not options ? 'stages')
		and coalesce((options ->> 'stop_ppm') ~ '^[0-9]{1,7}$' and (options ->> 'stop_ppm')::int <= 1000000,
			not options ? 'stop_ppm')
		and coalesce(jsonb_typeof(options -> 'rate') = 'number' and (options ->> 'rate')::numeric between 0.001 and 100000,
			not options ? 'rate')
		and coalesce((options ->> 'hours') ~ '^[0-9]{1,3}$' and (options ->> 'hours')::int between 1 and 168,
			not options ? 'hours'), false);
end
$$;

-- Freezes the payloads of these, in the order of their transactions, into stages of these sizes and a
-- last one for the rest. Of several that would carry the same key the first is taken, and none while
-- another of that key is live; the answer names those that were left out.
create function orderly.replay_freeze(r orderly.replay_request, ids bigint[], sizes int[]) returns jsonb
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	n int;
begin
	insert into orderly.replay_item (request, nr, stage, dead_letter, interface, facility, born, ordering_key,
		payload_key, payload_digest, sent_digest, idempotency_key)
	select r.id, k.nr,
		coalesce((select min(s.n) from (select o.n, sum(o.size) over (order by o.n) as upto
		                                from unnest(sizes) with ordinality o (size, n)) s where k.nr <= s.upto),
		         cardinality(sizes) + 1),
		k.id, k.interface, k.facility, k.born, k.ordering_key, k.key, k.digest, k.digest, k.idem
	from (
		select d.*, row_number() over (order by d.id) as nr
		from (
			select c.*, row_number() over (partition by c.interface, c.idem order by c.id) as nth
			from (
				select l.id, l.interface, l.facility, l.born,
					case when f.ordering_key is not null then l.ordering_key end as ordering_key,
					p.key, p.digest, orderly.replay_key(l.id, l.born, f.code, m.message_id, p.digest) as idem
				from orderly.dead_letter l
				join orderly.interface f on f.id = l.interface
				join orderly.message m on m.id = l.id
				cross join lateral (
					select y.key, orderly.payload_digest(y.content_type, y.headers, y.body) as digest
					from orderly.replay_payload(l.id, l.born) y) p
				where l.id = any (ids) offset 0) c) d
		where d.nth = 1 and not exists (
			select from orderly.replay_item i
			where i.interface = d.interface and i.idempotency_key = d.idem and i.live)) k
	on conflict do nothing;
	get diagnostics n = row_count;
	insert into orderly.replay_stage (request, stage, items)
	select r.id, i.stage, count(*) from orderly.replay_item i where i.request = r.id group by i.stage;
	update orderly.replay_request q
	set items = n, stages = (select max(i.stage) from orderly.replay_item i where i.request = r.id),
		stage = (select min(i.stage) from orderly.replay_item i where i.request = r.id)
	where q.id = r.id and n > 0;
	return (select coalesce(jsonb_agg(jsonb_build_object('id', u.id, 'verdict', 'same_key') order by u.id), '[]')
	        from unnest(ids) u (id)
	        where not exists (select from orderly.replay_item i where i.request = r.id and i.dead_letter = u.id));
end
$$;

-- The unresolved members of a failure group, as far as the caller has seen them.
create function orderly.replay_ask_group(failure_group bigint, seen bigint, reason text, options jsonb default '{}')
returns orderly.result
language sql security definer
set search_path = pg_catalog, orderly, pg_temp
return orderly.replay_ask(array(
		select l.id from orderly.dead_letter l
		where l.failure_group = replay_ask_group.failure_group and l.unresolved and l.nr <= seen
		  and orderly.in_scope(l.interface, l.facility)
		order by l.id limit 10001), reason, options,
	jsonb_build_object('what', 'group', 'group', failure_group, 'seen', seen));

-- ---- editing ------------------------------------------------------------------------------------

-- Whether the session sees all that the request is about.
create function orderly.replay_in_scope(request bigint) returns bool
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select exists (select from orderly.replay_item i where i.request = replay_in_scope.request)
	   and not exists (
		select from orderly.replay_item i
		where i.request = replay_in_scope.request
		  and (i.interface <> all ((select orderly.my_interfaces())::int[])
		       or i.facility <> all ((select orderly.my_facilities())::smallint[])));
end;

-- A document as paths and values.
create function orderly.flatten(doc jsonb, path text default '') returns table (place text, value text)
language plpgsql immutable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	if jsonb_typeof(doc) = 'object' and doc <> '{}' then
		return query select f.place, f.value
		from jsonb_each(doc) e, orderly.flatten(e.value, path || '/' || e.key) f;
	elsif jsonb_typeof(doc) = 'array' and doc <> '[]' then
		return query select f.place, f.value
		from jsonb_array_elements(doc) with ordinality e (v, n), orderly.flatten(e.v, path || '/' || (e.n - 1)) f;
	else
		place := path;
		value := doc::text;
		return next;
	end if;
end
$$;

-- The same for a text of any format that mask_format() knows: fields of segments, tags by their name
-- with what follows them, cells, else lines.
create function orderly.flatten_text(words text, format text) returns table (place text, value text)
language plpgsql immutable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	if format = 'json' then
		return query select f.place, f.value from orderly.flatten(words::jsonb) f;
	elsif format in ('hl7', 'x12') then
		return query
		select format('line %s %s-%s', l.n, left(split_part(l.v, substr(words, 4, 1), 1), 5), f.n - 1), f.v
		from regexp_split_to_table(words, case format when 'x12' then E'\r\n|\r|\n|~' else E'\r\n|\r|\n' end)
			with ordinality l (v, n)
		cross join unnest(string_to_array(l.v, substr(words, 4, 1))) with ordinality f (v, n) where f.n > 1;
	elsif format = 'xml' then
		return query
		select format('<%s> %s', g.tag, row_number() over (partition by g.tag order by t.n)), btrim(t.v, E' \t\r\n')
		from unnest(string_to_array(words, '<')) with ordinality t (v, n)
		cross join lateral (select coalesce(substring(t.v from '^/?[^\s>/]+'), '') as tag) g;
	elsif format = 'csv' then
		return query select format('line %s column %s', l.n, f.n), f.v
		from regexp_split_to_table(words, E'\r\n|\r|\n') with ordinality l (v, n)
		cross join unnest(string_to_array(l.v, coalesce(substring(words from E'^[^,;\t\n]*([,;\t])'), ','))) with ordinality f (v, n);
	else
		return query select 'line ' || t.n, t.v from regexp_split_to_table(words, E'\r\n|\r|\n') with ordinality t (v, n);
	end if;
end
$$;

create function orderly.flatten_body(body bytea, content_type text) returns table (place text, value text)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	words text;
begin
	words := convert_from(body, 'UTF8');
	return query select f.place, f.value from orderly.flatten_text(words, orderly.mask_format(words, content_type)) f;
exception when character_not_in_repertoire then
	return query select 'bytes', length(body) || ' ' || encode(sha256(body), 'hex');
end
$$;

-- The fields of a body that these rules name: those that masking changes. A body of which that cannot be
-- told is locked as a whole.
create function orderly.locked_fields(body bytea, content_type text, rules orderly.mask_rule[])
returns table (place text, value text)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	words text;
	format text;
	m record;
begin
	words := convert_from(body, 'UTF8');
	format := orderly.mask_format(words, content_type);
	m := orderly.mask_body(words, format, rules, false);
	if m.how = 'masked' then
		return query
		select o.place, o.value from orderly.flatten_text(words, format) o
		left join orderly.flatten_text(m.shown, orderly.mask_format(m.shown, content_type)) s on s.place = o.place
		where s.value is distinct from o.value;
	elsif m.how = 'whole' and m.why not like 'no rule covers %' then
		return query select 'all of it', encode(sha256(body), 'hex');
	end if;
exception when character_not_in_repertoire then
	return query select 'all of it', encode(sha256(body), 'hex');
end
$$;

-- Where an edited body differs from the recorded one in fields that the mask table locks.
create function orderly.replay_locked(interface int, content_type text, before bytea, after bytea) returns text[]
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	rules constant orderly.mask_rule[] := array(
		select r from orderly.mask_rules(interface, 'payload') r union all
		select r from orderly.mask_rules(interface, 'locked') r);
begin
	if rules = '{}' then
		return '{}';
	end if;
	return array(
		select coalesce(a.place, b.place)
		from orderly.locked_fields(before, content_type, rules) a
		full join orderly.locked_fields(after, content_type, rules) b on b.place = a.place
		where a.value is distinct from b.value order by 1 limit 20);
end
$$;

-- Puts another payload in the place of an item's, by who asked and has seen the recorded one under a
-- grant. Makes a new revision: what was decided about the one before is void.
create function orderly.replay_edit(item bigint, content_type text, body bytea, reason text)
returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator']);
	r orderly.replay_request;
	i orderly.replay_item;
	recorded record;
	locked text[];
	digest bytea;
	key text;
	why text := who.code;
begin
	if why is null then
		select q.* into r from orderly.replay_item t join orderly.replay_request q on q.id = t.request
		where t.id = item for update of q;
		select * into i from orderly.replay_item t where t.id = item for update;
		why := case
			when i.id is null or not orderly.in_scope(i.interface, i.facility) then 'not_found'
			when r.asker <> who.person then 'not_asker'
			when orderly.act_next('replay_request', 'edit', r.state) is null then 'state'
			when r.policy = 'emergency' then 'emergency'
			when not orderly.has_reason(reason) then 'reason'
			when body is null or length(body) > 16777216 then 'text'
			when not exists (select from orderly.payload_grant g
			                 where g.transaction = i.dead_letter and g.person = who.person
			                   and g.xid <> pg_current_xact_id() and g.ended_at is null
			                   and g.until > clock_timestamp()) then 'grant' end;
	end if;
	if why is null then
		select y.* into recorded from orderly.replay_payload(i.dead_letter, i.born) y;
		locked := orderly.replay_locked(i.interface, recorded.content_type, recorded.body, body);
		why := case when locked <> '{}' then 'locked' end;
	end if;
	if why is not null then
		return orderly.refuse('replay_edit', 'replay_item', item::text, why, reason,
			case why when 'locked' then jsonb_build_object('fields', locked) end);
	end if;
	digest := orderly.payload_digest(content_type, recorded.headers, body);
	select orderly.replay_key(i.dead_letter, i.born, f.code, m.message_id, digest) into key
	from orderly.interface f, orderly.message m where f.id = i.interface and m.id = i.dead_letter;
	if r.state = 'approved' then
		update orderly.replay_item t set go = false, head = false where t.request = r.id;
		perform orderly.dead_letters_step('replay_end',
			array(select t.dead_letter from orderly.replay_item t where t.request = r.id and t.live));
	end if;
	update orderly.replay_item t set sent_digest = digest, idempotency_key = key where t.id = i.id;
	update orderly.replay_request q
	set revision = q.revision + 1, edited = true, needed = greatest(q.needed, 1), approved_at = null,
		policy = case when q.needed = 0 then 'one' else q.policy end,
		state = orderly.act_next('replay_request', 'edit', q.state), changed_at = clock_timestamp()
	where q.id = r.id returning * into r;
	insert into orderly.replay_edit (item, revision, content_type, body, digest)
	values (i.id, r.revision, content_type, body, digest);
	insert into orderly.replay_revision (request, revision, asker, digest, why)
	values (r.id, r.revision, r.asker, orderly.replay_digest(r.id), btrim(reason));
	perform pg_notify('orderly', 'replay');
	return orderly.done('replay_edit', 'replay_item', item::text, r.id, reason, jsonb_build_object(
		'request', r.id, 'revision', r.revision, 'before', encode(i.sent_digest, 'hex'), 'digest', encode(digest, 'hex')));
end
$$;

-- Leaves a trace that the session is going to look at what was edited.
create function orderly.replay_look(item bigint) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['approver', 'operator']);
	r record;
	why text := who.code;
begin
	select i.interface, i.facility, q.revision, q.id into r
	from orderly.replay_item i join orderly.replay_request q on q.id = i.request where i.id = item;
	why := coalesce(why, case when r.id is null or not orderly.in_scope(r.interface, r.facility) then 'not_found' end);
	if why is not null then
		return orderly.refuse('replay_look', 'replay_item', item::text, why);
	end if;
	insert into orderly.replay_look (item, revision, person) values (item, r.revision, who.person)
	on conflict do nothing;
	return orderly.done('replay_look', 'replay_item', item::text, r.id, null,
		jsonb_build_object('revision', r.revision));
end
$$;

-- Only what was changed: place, before, after. Wants a look (replay_look) that was committed before.
create function orderly.replay_changes(item bigint)
returns table (code text, place text, before text, after text)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['approver', 'operator']);
	i record;
	why text := who.code;
begin
	select t.*, q.revision as now_revision into i
	from orderly.replay_item t join orderly.replay_request q on q.id = t.request where t.id = item;
	why := coalesce(why, case
		when i.id is null or not orderly.in_scope(i.interface, i.facility) then 'not_found'
		when not exists (select from orderly.replay_look l
		                 where l.item = replay_changes.item and l.person = who.person and l.revision = i.now_revision
		                   and l.xid <> pg_current_xact_id()) then 'looked' end);
	if why is not null then
		return query select (orderly.refuse('replay_changes', 'replay_item', item::text, why)).code,
			null::text, null::text, null::text;
		return;
	end if;
	return query
	select 'done', coalesce(a.place, b.place), a.value, b.value
	from (select f.* from orderly.replay_payload(i.dead_letter, i.born) p, orderly.flatten_body(p.body, p.content_type) f) a
	full join (select f.* from (select e.body, e.content_type from orderly.replay_edit e where e.item = replay_changes.item
	                            order by e.revision desc limit 1) e, orderly.flatten_body(e.body, e.content_type) f) b
		on b.place = a.place
	where a.value is distinct from b.value and exists (
		select from orderly.replay_edit e where e.item = replay_changes.item)
	order by 2;
end
$$;

-- ---- deciding -----------------------------------------------------------------------------------

-- Whether a person of that login may still act in the role.
create function orderly.still(login text, person int, role text) returns bool
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select role = any (orderly.roles_of(login)) and exists (
		select from orderly.login l join orderly.person p on p.code = l.person
		where l.code = still.login and p.id = still.person and p.active and not l.blocked and not l.shared);
end;

-- Approvals of the present revision that count today.
create function orderly.replay_approvals(r orderly.replay_request) returns int
language sql stable
set search_path = pg_catalog, orderly, pg_temp
return (select count(*)::int from orderly.replay_decision d
        where d.request = r.id and d.revision = r.revision and d.verdict = 'approved'
          and d.approver <> r.asker and orderly.still(d.approver_login, d.approver, 'approver'));

-- Approves or rejects what the session has seen: this revision, of so many items.
create function orderly.replay_decide(id bigint, revision int, approve bool, count int, reason text)
returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	act constant text := case when approve then 'replay_approve' else 'replay_reject' end;
	who record := orderly.gate(array['approver']);
	r orderly.replay_request;
	why text := who.code;
	n int;
begin
	if why is null and (approve is null or revision is null) then
		raise exception 'replay_decide: approve and revision are needed' using errcode = '22004';
	end if;
	if why is null then
		select * into r from orderly.replay_request q where q.id = replay_decide.id for update;
		why := case
			when r.id is null or not orderly.replay_in_scope(r.id) then 'not_found'
			when r.asker = who.person then 'own_replay'
			when orderly.act_next('replay_request', case when approve then 'approve' else 'reject' end, r.state) is null
				or r.expires_at <= clock_timestamp() then 'state'
			when r.revision <> replay_decide.revision then 'revision'
			when approve and r.items is distinct from count then 'count'
			when not approve and not orderly.has_reason(reason) then 'reason'
			when approve and not orderly.still(r.asker_login, r.asker, 'operator') then 'asker_role'
			when exists (select from orderly.replay_decision d where d.request = r.id
			             and d.revision = r.revision and d.approver = who.person) then 'decided' end;
	end if;
	if why is not null then
		return orderly.refuse(act, 'replay', id::text, why, reason, case why
			when 'state' then jsonb_build_object('state', r.state)
			when 'revision' then jsonb_build_object('revision', r.revision) end);
	end if;
	insert into orderly.replay_decision (request, revision, asker, approver, approver_login, verdict, reason)
	values (r.id, r.revision, r.asker, who.person, session_user,
	        case when approve then 'approved' else 'rejected' end, btrim(reason));
	n := orderly.replay_approvals(r);
	if not approve then
		perform orderly.replay_end(r.id, 'reject', reason);
	elsif n >= r.needed then
		update orderly.replay_request q
		set state = orderly.act_next('replay_request', 'approve', q.state), approved_at = clock_timestamp(),
			changed_at = clock_timestamp()
		where q.id = r.id;
		perform orderly.replay_go(r.id);
	end if;
	perform pg_notify('orderly', 'replay');
	return orderly.done(act, 'replay', id::text, id, reason, jsonb_build_object('revision', r.revision,
		'approvals', n, 'needed', r.needed,
		'digest', (select encode(v.digest, 'hex') from orderly.replay_revision v
		           where v.request = r.id and v.revision = r.revision)));
end
$$;

-- Ends a request whose row is locked: what has not been sent is called off; what is on its way, or in
-- doubt, comes to its own end.
create function orderly.replay_end(request bigint, act text, why text) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	off record;
begin
	perform orderly.replay_order_lock(exists (
		select from orderly.replay_item i
		where i.request = replay_end.request and i.live and i.ordering_key is not null));
	perform from orderly.replay_item i where i.request = replay_end.request and i.live order by i.id for update;
	with cancelled as (
		update orderly.replay_item i
		set state = orderly.act_next('replay_item', 'cancel', i.state), lease = null, lease_until = null,
			head = false, behind = null, settled_at = clock_timestamp()
		where i.request = replay_end.request and orderly.act_next('replay_item', 'cancel', i.state) is not null
		returning i.id, i.dead_letter, i.ordering_key)
	select array_agg(c.dead_letter) as letters, array_agg(c.id) filter (where c.ordering_key is not null) as sorted
	into off from cancelled c;
	update orderly.replay_request q
	set state = orderly.act_next('replay_request', act, q.state), why = btrim(replay_end.why),
		ended_at = clock_timestamp(), changed_at = clock_timestamp()
	where q.id = replay_end.request;
	perform orderly.dead_letters_step('replay_end', off.letters);
	if off.sorted is not null then
		perform orderly.replay_heads(off.sorted);
	end if;
end
$$;

-- Pauses, lets go on, calls off. Letting one go on that stopped by itself takes its failures as seen.
create function orderly.replay_steer(act text, id bigint, reason text) returns orderly.result
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator', 'approver']);
	r orderly.replay_request;
	why text := who.code;
begin
	if why is null then
		select * into r from orderly.replay_request q where q.id = replay_steer.id for update;
		why := case
			when r.id is null or not orderly.replay_in_scope(r.id) then 'not_found'
			when not orderly.has_reason(reason) then 'reason'
			when orderly.act_next('replay_request', act, r.state) is null then 'state'
			when act = 'resume' and not orderly.replay_entitled(r) then 'asker_role' end;
	end if;
	if why is not null then
		return orderly.refuse('replay_' || act, 'replay', id::text, why, reason,
			case why when 'state' then jsonb_build_object('state', r.state) end);
	end if;
	if act = 'cancel' then
		perform orderly.replay_end(r.id, 'cancel', reason);
	else
		update orderly.replay_request q
		set state = orderly.act_next('replay_request', act, q.state), why = btrim(replay_steer.reason),
			started_at = case act when 'resume' then coalesce(q.started_at, clock_timestamp()) else q.started_at end,
			changed_at = clock_timestamp()
		where q.id = r.id;
		update orderly.replay_stage s set forgiven_settled = s.settled, forgiven_bad = s.bad
		where s.request = r.id and act = 'resume';
		if act = 'resume' then
			perform orderly.replay_progress(r.id);
		end if;
	end if;
	perform pg_notify('orderly', 'replay');
	return orderly.done('replay_' || act, 'replay', id::text, id, reason);
end
$$;

create function orderly.replay_cancel(id bigint, reason text) returns orderly.result
language sql security definer set search_path = pg_catalog, orderly, pg_temp
return orderly.replay_steer('cancel', id, reason);

create function orderly.replay_pause(id bigint, reason text) returns orderly.result
language sql security definer set search_path = pg_catalog, orderly, pg_temp
return orderly.replay_steer('pause', id, reason);

create function orderly.replay_resume(id bigint, reason text) returns orderly.result
language sql security definer set search_path = pg_catalog, orderly, pg_temp
return orderly.replay_steer('resume', id, reason);

-- An approver says afterwards what they think of an emergency.
create function orderly.replay_review(id bigint, fine bool, reason text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['approver']);
	r orderly.replay_request;
	why text := who.code;
begin
	if why is null then
		select * into r from orderly.replay_request q where q.id = replay_review.id for update;
		why := case
			when r.id is null or not orderly.replay_in_scope(r.id) then 'not_found'
			when r.asker = who.person then 'own_replay'
			when r.review_due is null or r.reviewed_at is not null or fine is null then 'state'
			when not orderly.has_reason(reason) then 'reason' end;
	end if;
	if why is not null then
		return orderly.refuse('replay_review', 'replay', id::text, why, reason);
	end if;
	update orderly.replay_request q
	set reviewer = who.person, reviewer_login = session_user, reviewed_at = clock_timestamp(),
		review_ok = fine, review_reason = btrim(replay_review.reason)
	where q.id = r.id;
	perform pg_notify('orderly', 'replay');
	return orderly.done('replay_review', 'replay', id::text, id, reason, jsonb_build_object('fine', fine));
end
$$;

-- ---- executing ----------------------------------------------------------------------------------

-- Whether those who asked and approved still may: without that nothing runs.
create function orderly.replay_entitled(r orderly.replay_request) returns bool
language sql stable
set search_path = pg_catalog, orderly, pg_temp
return orderly.still(r.asker_login, r.asker, 'operator') and orderly.replay_approvals(r) >= r.needed;

-- Up to `want` tokens of a bucket that fills at a rate and holds what comes in one second, one at
-- least. The row stays locked: two workers do not spend the same.
create function orderly.tokens_take(bucket text, rate double precision, want int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	b orderly.replay_bucket;
	n int;
begin
	insert into orderly.replay_bucket (code, tokens, at) values (bucket, greatest(rate, 1), clock_timestamp())
	on conflict (code) do nothing;
	select * into b from orderly.replay_bucket r where r.code = bucket for update;
	b.tokens := least(greatest(rate, 1),
		b.tokens + rate * greatest(extract(epoch from clock_timestamp() - b.at), 0));
	n := least(floor(b.tokens)::int, want);
	update orderly.replay_bucket r set tokens = b.tokens - n, at = clock_timestamp() where r.code = bucket;
	return n;
end
$$;

-- Whether there is one at least.
create function orderly.tokens_left(bucket text, rate double precision) returns bool
language plpgsql stable
as $$
begin
	return rate is null or coalesce((
		select least(greatest(rate, 1),
			b.tokens + rate * greatest(extract(epoch from clock_timestamp() - b.at), 0)) >= 1
		from orderly.replay_bucket b where b.code = bucket), true);
end
$$;

-- Stops or starts requests before anything of theirs is claimed.
create function orderly.replay_admit() returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	r orderly.replay_request;
begin
	for r in select * from orderly.replay_request q where q.state in ('approved', 'running')
	         order by q.id limit 200 loop
		continue when r.state = 'running' and orderly.replay_entitled(r);
		select * into r from orderly.replay_request q where q.id = r.id for update skip locked;
		continue when r.id is null or r.state not in ('approved', 'running')
			or r.state = 'running' and orderly.replay_entitled(r);
		if r.state = 'approved' and r.expires_at <= clock_timestamp() then
			perform orderly.replay_end(r.id, 'expire', 'nobody ran it in time');
		else
			update orderly.replay_request q
			set state = orderly.act_next('replay_request',
					case when orderly.replay_entitled(r) then 'start' else 'stop' end, q.state),
				why = case when not orderly.replay_entitled(r) then 'who asked for it or approved it may no longer' end,
				started_at = coalesce(q.started_at, clock_timestamp()), changed_at = clock_timestamp()
			where q.id = r.id;
			perform pg_notify('orderly', 'replay');
		end if;
	end loop;
end
$$;

-- What stands against sending these items now: "refuse:", "hold:" and "wait:" say what to do about it,
-- "go" that nothing does. Beside it the buckets from which each would take a token.
create function orderly.replay_judged(these bigint[])
returns table (id bigint, verdict text, ref bigint, target text, target_rate real, own text, own_rate real)
language plpgsql stable
as $$
#variable_conflict use_column
begin
	return query
	select i.id, case
			when t.state <> 'dead' then 'refuse:delivered'
			when l.state <> 'replaying' then 'refuse:closed'
			when f.replay_policy = 'never' or f.lifecycle = 'retired' then 'refuse:policy'
			when p.digest is distinct from i.payload_digest then 'refuse:changed'
			when n.earlier is not null then 'wait:behind'
			when n.later is not null and not i.waived then 'hold:overtaken'
			else 'go' end,
		coalesce(n.earlier, n.later), 'target ' || f.target, f.rate_per_s, 'request ' || q.id, q.rate_per_s
	from orderly.replay_item i
	join orderly.replay_request q on q.id = i.request
	join orderly.dead_letter l on l.id = i.dead_letter
	join orderly.transaction t on t.id = i.dead_letter
	join orderly.interface f on f.id = i.interface
	left join lateral (
		select orderly.payload_digest(y.content_type, y.headers, y.body) as digest
		from orderly.replay_payload(i.dead_letter, i.born) y) p on true
	left join orderly.replay_neighbours(array(
		select o.dead_letter from orderly.replay_item o where o.id = any (these) and o.ordering_key is not null),
		'{}') n on n.id = i.dead_letter
	where i.id = any (these)
	order by i.dead_letter;
end
$$;

-- Locks the next items of these requests and interfaces that wait, the oldest first. Read in the order of
-- its index: a plan made of what was known before the queue was filled would read and sort all of it.
create function orderly.replay_queue(requests bigint[], interfaces int[], want int) returns bigint[]
language plpgsql
set enable_sort = off
set enable_bitmapscan = off
as $$
begin
	return (
		select array_agg(w.id)
		from (
			select t.id from orderly.replay_item t
			where t.state = 'waiting' and t.go and t.head and t.next_try_at <= clock_timestamp()
			  and t.request = any (requests) and t.interface = any (interfaces)
			  and t.stage <= (select q.stage from orderly.replay_request q where q.id = t.request)
			order by t.dead_letter
			limit want
			for update of t skip locked) w);
end
$$;

create type orderly.claimed as (
	item bigint,
	lease uuid,
	lease_until timestamptz,
	request bigint,
	transaction bigint,
	interface text,
	message_id text,
	correlation_id text,
	business_key text,
	facility text,
	partner text,
	ordering_key text,
	idempotency_key text,
	endpoint jsonb,
	content_type text,
	headers jsonb,
	body bytea,
	edited bool,
	sends int
);
grant usage on type orderly.claimed to orderly_{store}_worker;

-- Gives a worker up to `want` items to send, the oldest first and of each ordering key the head only,
-- as far as stages and rates allow. Commit, ask the target if the endpoint says how, then
-- mark_sending(), commit, send, complete_replay().
create function orderly.claim_replays(worker text, want int default 10, lease_s int default 60,
                                      only_interfaces text[] default null)
returns setof orderly.claimed
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	o record;
	running bigint[];
	interfaces int[];
	waiting bigint[];
	mine bigint[] := '{}';
	empty text[] := '{}';
	refused bigint[] := '{}';
begin
	if coalesce(want, 0) <= 0 or orderly.gate_machine('worker') is not null then
		return;
	end if;
	perform orderly.replay_admit();
	-- Whose buckets are empty is left out here, so that it keeps nobody else waiting.
	select array_agg(q.id) into running from orderly.replay_request q
	where q.state = 'running' and orderly.tokens_left('request ' || q.id, q.rate_per_s);
	select array_agg(f.id) into interfaces from orderly.interface f
	where (only_interfaces is null or f.code = any (only_interfaces))
	  and orderly.tokens_left('target ' || f.target, f.rate_per_s);
	waiting := orderly.replay_queue(running, interfaces, least(want, 1000));
	for o in select * from orderly.replay_judged(waiting) loop
		if o.verdict like 'refuse:%' then
			update orderly.replay_item t
			set state = orderly.act_next('replay_item', 'refuse', t.state), outcome = substr(o.verdict, 8),
				head = false, behind = null, settled_at = clock_timestamp()
			where t.id = o.id;
			refused := refused || o.id;
		elsif o.verdict = 'hold:overtaken' then
			update orderly.replay_item t
			set state = orderly.act_next('replay_item', 'hold', t.state), outcome = 'overtaken', behind = o.ref
			where t.id = o.id;
			refused := refused || o.id;
		elsif o.verdict = 'wait:behind' then
			update orderly.replay_item t
			set behind = o.ref, next_try_at = clock_timestamp() + interval '5 seconds' where t.id = o.id;
		elsif o.target = any (empty) or o.own = any (empty) then
			null; -- comes again when there are tokens
		elsif o.target_rate is not null and orderly.tokens_take(o.target, o.target_rate, 1) = 0 then
			empty := empty || o.target;
		elsif o.own_rate is not null and orderly.tokens_take(o.own, o.own_rate, 1) = 0 then
			empty := empty || o.own;
		else
			mine := mine || o.id;
		end if;
	end loop;
	if refused <> '{}' then
		-- Items are locked here before their requests, so it must not wait for one.
		perform orderly.replay_settled(refused, false);
	end if;
	return query
	with taken as (
		update orderly.replay_item t
		set state = orderly.act_next('replay_item', 'claim', t.state), lease = gen_random_uuid(),
			lease_until = clock_timestamp() + make_interval(secs => least(greatest(lease_s, 5), 3600)),
			worker = left(claim_replays.worker, 200), claims = t.claims + 1, behind = null
		where t.id = any (mine)
		returning t.*)
	select t.id, t.lease, t.lease_until, t.request, t.dead_letter, f.code, m.message_id, m.correlation,
		m.business_key, y.code, p.code, t.ordering_key, t.idempotency_key, f.endpoint,
		case when e.item is null then b.content_type else e.content_type end, b.headers,
		coalesce(e.body, b.body), e.item is not null, t.sends
	from taken t
	join orderly.interface f on f.id = t.interface
	join orderly.message m on m.id = t.dead_letter
	left join orderly.facility y on y.id = t.facility
	left join orderly.partner p on p.id = m.partner
	cross join lateral orderly.replay_payload(t.dead_letter, t.born) b
	left join lateral (select * from orderly.replay_edit v where v.item = t.id order by v.revision desc limit 1) e on true
	order by t.dead_letter;
end
$$;

-- The durable mark: from its commit on the store takes it that something may have reached the target.
-- Send only those for which go is true, and only after the commit.
create function orderly.mark_sending(leases uuid[]) returns table (lease uuid, item bigint, go bool, code text)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	blocked text := orderly.gate_machine('worker');
begin
	-- A pause, a stop or a cancel that is under way is waited for.
	perform from orderly.replay_request q
	where q.id in (select t.request from orderly.replay_item t where t.lease = any (leases))
	order by q.id for share;
	perform from orderly.replay_item t where t.lease = any (leases) order by t.id for update;
	return query
	with judged as materialized (
		select u.lease, t.id, case
			when blocked is not null then blocked
			when t.id is null or t.lease_until <= clock_timestamp() then 'lease'
			when orderly.act_next('replay_item', 'send', t.state) is null then 'state'
			when q.state <> 'running' then 'not_running' end as code
		from (select distinct n as lease from unnest(leases) n) u
		left join orderly.replay_item t on t.lease = u.lease
		left join orderly.replay_request q on q.id = t.request
	),
	marked as (
		update orderly.replay_item t
		set state = orderly.act_next('replay_item', case when j.code is null then 'send' else 'give_back' end, t.state),
			sending_at = case when j.code is null then clock_timestamp() else t.sending_at end,
			sends = t.sends + (j.code is null)::int,
			lease = case when j.code is null then t.lease end
		from judged j
		where t.id = j.id and (j.code is null or j.code = 'not_running')
		returning t.id)
	select j.lease, j.id, j.code is null, coalesce(j.code, 'done')
	from judged j left join marked k on k.id = j.id;
end
$$;

-- Outcomes that a worker reports: delivered; failed (the target said no); not_sent (certain that
-- nothing reached it: comes again); in_doubt; present (the target had it before).
-- results: [{"lease": …, "outcome": …, "class", "code", "text", "http_status", "retry_after_s",
--            "message_id", "target_model", "target_ref", "at"}]
-- Each that was sent becomes a transaction of its own, child of the one that died. Answers per result;
-- telling the same outcome twice is fine.
create function orderly.complete_replay(results jsonb) returns table (lease uuid, item bigint, ok bool, code text, state text)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	blocked text := orderly.gate_machine('worker');
	error_of constant int[] := orderly.mask_wanted('error');
	told uuid[];
	done_items bigint[];
	answer jsonb;
begin
	if jsonb_typeof(results) = 'object' then
		results := jsonb_build_array(results);
	end if;
	if jsonb_typeof(results) is distinct from 'array' or blocked is not null then
		return query select null::uuid, null::bigint, false, coalesce(blocked, 'outcome'), null::text;
		return;
	end if;
	told := array(select (e ->> 'lease')::uuid from jsonb_array_elements(results) e);
	perform from orderly.replay_request q
	where q.id in (select t.request from orderly.replay_item t where t.lease = any (told)) order by q.id for update;
	perform from orderly.replay_item t where t.lease = any (told) order by t.id for update;
	with said as materialized (
		select distinct on (e.lease) e.* from jsonb_to_recordset(results) as e (lease uuid, outcome text, class text,
			code text, text text, http_status int, retry_after_s real)
		order by e.lease
	),
	judged as materialized (
		select s.*, t.id, t.state as was, case
			when t.id is null then 'lease'
			when s.outcome is null or s.outcome <> all (array['delivered', 'failed', 'not_sent', 'in_doubt', 'present'])
				then 'outcome'
			when s.class is not null and not exists (select from orderly.error_class c where c.code = s.class) then 'outcome'
			when t.outcome = s.outcome and t.state = any (array['delivered', 'failed', 'in_doubt']) then 'repeat'
			when orderly.act_next('replay_item', s.outcome, t.state) is null then 'state' end as refusal
		from said s left join orderly.replay_item t on t.lease = s.lease
	),
	changed as (
		update orderly.replay_item t
		set state = orderly.act_next('replay_item', j.outcome, t.state), outcome = j.outcome,
			class = j.class, code = j.code, http_status = j.http_status,
			text = case when t.interface = any (error_of) then orderly.mask_value(t.interface, 'error', left(j.text, 4000))
				else left(j.text, 4000) end,
			lease_until = null, lease = case when j.outcome = 'not_sent' then null else t.lease end,
			head = t.head and j.outcome in ('not_sent', 'in_doubt'),
			next_try_at = case when j.outcome = 'not_sent' then clock_timestamp() + least(make_interval(secs =>
				greatest(coalesce(j.retry_after_s, 0), 5 * power(2, least(t.claims, 7) - 1))), interval '1 hour')
				else t.next_try_at end,
			settled_at = case when j.outcome <> 'not_sent' then clock_timestamp() end
		from judged j where t.id = j.id and j.refusal is null
		returning t.id, t.lease, t.state)
	select coalesce(jsonb_agg(jsonb_build_object('lease', j.lease, 'item', j.id,
			'code', coalesce(case j.refusal when 'repeat' then null else j.refusal end, 'done'),
			'state', coalesce(c.state, j.was))), '[]'),
		array_agg(j.id order by j.id) filter (where j.refusal is null)
	into answer, done_items
	from judged j left join changed c on c.id = j.id;
	if done_items is not null then
		perform orderly.replay_children(done_items, results);
		perform orderly.replay_settled(done_items);
	end if;
	return query select (a ->> 'lease')::uuid, (a ->> 'item')::bigint, a ->> 'code' = 'done', a ->> 'code', a ->> 'state'
	from jsonb_array_elements(answer) a;
end
$$;

-- The transactions of replays that reached an outcome, told to the store like any other events.
create function orderly.replay_children(items bigint[], results jsonb) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	events bytea[];
	taken record;
begin
	with child as materialized (
		select i.id, i.dead_letter, i.state, i.class, i.code, i.text, i.http_status, i.sends, i.sending_at,
			coalesce((e ->> 'at')::timestamptz, clock_timestamp()) as at, f.code as interface, f.success,
			coalesce(nullif(e ->> 'message_id', ''), m.message_id || '~' || i.id) as message_id,
			m.message_id as parent, m.correlation, m.business_key, m.entity, m.partner_ref,
			y.code as facility, p.code as partner, i.idempotency_key, e
		from orderly.replay_item i
		join orderly.interface f on f.id = i.interface
		join orderly.message m on m.id = i.dead_letter
		left join orderly.facility y on y.id = i.facility
		left join orderly.partner p on p.id = m.partner
		left join lateral (select e from jsonb_array_elements(results) e
		                   where e ->> 'lease' = i.lease::text limit 1) r on true
		where i.id = any (items) and i.state in ('delivered', 'failed') and i.outcome <> 'present'
	)
	select array_agg(convert_to(jsonb_strip_nulls(jsonb_build_object(
		'interface', c.interface, 'message_id', c.message_id, 'parent_id', c.parent, 'correlation_id', c.correlation,
		'business_key', c.business_key, 'entity', c.entity, 'facility', c.facility, 'partner', c.partner,
		'partner_ref', c.partner_ref, 'component', 'replay', 'stage', 'replay ' || c.id,
		'idempotency_key', c.idempotency_key, 'attempt', k.attempt,
		'kind', k.kind, 'at', to_char(k.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
		|| case when k.n = 2 then jsonb_strip_nulls(jsonb_build_object('class', c.class, 'code', c.code,
			'text', c.text, 'http_status', c.http_status, 'target_model', c.e ->> 'target_model',
			'target_ref', c.e ->> 'target_ref')) else '{}' end)::text, 'UTF8') order by c.id, k.n)
	into events
	from child c
	cross join lateral (values
		(1, 'attempted', coalesce(c.sending_at, c.at), 1),
		(2, case when c.state = 'failed' then 'dead' when c.success = 'acknowledged' then 'acknowledged'
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
		from orderly.replay_item i
		join orderly.message o on o.id = i.dead_letter
		left join lateral (select e from jsonb_array_elements(results) e
		                   where e ->> 'lease' = i.lease::text limit 1) r on true
		join orderly.message m on m.interface = i.interface
			and m.message_id = coalesce(nullif(r.e ->> 'message_id', ''), o.message_id || '~' || i.id) collate "C"
		where i.id = any (items) and i.state in ('delivered', 'failed') and i.outcome <> 'present'
	),
	noted as (
		update orderly.replay_item i set replayed_as = b.child from born b where i.id = b.id)
	insert into orderly.lineage (child, parent, item)
	select b.child, b.dead_letter, b.id from born b where b.child <> b.dead_letter
	on conflict (child) do nothing;
end
$$;

-- What follows from outcomes: for the dead letters, for those behind them, for the requests.
create function orderly.replay_settled(items bigint[], wait bool default true) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	k record;
	r bigint;
begin
	select array_agg(i.dead_letter) filter (where i.state = 'delivered') as delivered,
		array_agg(i.dead_letter) filter (where i.state = 'failed') as failed,
		array_agg(i.replayed_as) filter (where i.replayed_as is not null) as children,
		array_agg(i.dead_letter) filter (where i.state = 'in_doubt') as doubt,
		array_agg(i.dead_letter) filter (where i.state = 'waiting') as again,
		array_agg(i.dead_letter) filter (where i.state in ('refused', 'cancelled')) as off,
		array_agg(i.dead_letter) filter (where i.state in ('failed', 'refused', 'cancelled') and t.state <> 'dead') as went_on,
		array_agg(i.id) filter (where i.ordering_key is not null and not i.live) as sorted
	into k from orderly.replay_item i join orderly.transaction t on t.id = i.dead_letter where i.id = any (items);
	perform orderly.replay_order_lock(k.sorted is not null);
	perform orderly.replay_letters_lock(items);
	-- Told of before, and dead: its story is that of its parent's dead letter.
	perform orderly.dead_letters_step('revive', k.children, 'it was the replay of another');
	if k.delivered is not null then
		update orderly.dead_letter l set replayed_as = i.replayed_as
		from orderly.replay_item i where i.id = any (items) and i.state = 'delivered' and l.id = i.dead_letter;
		perform orderly.dead_letters_step('replay_succeed', k.delivered, 'replayed');
	end if;
	if k.failed is not null then
		perform orderly.dead_letters_refail(items);
	end if;
	if k.doubt is not null then
		perform orderly.dead_letters_step('replay_doubt', k.doubt);
	end if;
	if k.again is not null then
		perform orderly.dead_letters_step('replay_again', k.again);
	end if;
	if k.off is not null then
		perform orderly.dead_letters_step('replay_end', k.off);
	end if;
	if k.went_on is not null then
		perform orderly.dead_letters_step('revive', k.went_on, 'the transaction went on by itself');
	end if;
	if k.sorted is not null then
		perform orderly.replay_heads(k.sorted);
	end if;
	update orderly.replay_item i set next_try_at = '-infinity'
	where i.behind = any (array_cat(k.delivered, k.off)) and i.state = 'waiting';
	for r in select distinct i.request from orderly.replay_item i where i.id = any (items) order by 1 loop
		perform orderly.replay_sweep(r);
		perform orderly.replay_progress(r, wait);
	end loop;
end
$$;

-- The faults of which these failed.
create function orderly.replay_faults(items bigint[])
returns table (dead_letter bigint, interface int, class text, signature text, print bytea)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select f.dead_letter, f.interface, f.class, f.signature, orderly.fingerprint(f.interface, f.class, f.signature)
	from (select distinct on (i.dead_letter) i.dead_letter, i.interface, coalesce(i.class, 'unknown') as class,
	             orderly.error_signature(coalesce(i.text, i.code, '')) as signature
	      from orderly.replay_item i where i.id = any (items) and i.state = 'failed'
	      order by i.dead_letter, i.id desc) f;
end;

-- Locks at once all groups and dead letters that these outcomes will touch; groups of new faults are
-- made before.
create function orderly.replay_letters_lock(items bigint[]) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	letters bigint[];
	prints bytea[];
begin
	select array_agg(l) into letters
	from orderly.replay_item i, unnest(array[i.dead_letter, i.replayed_as]) l where i.id = any (items) and l is not null;
	select array_agg(f.print) into prints from orderly.replay_faults(items) f;
	insert into orderly.failure_group (interface, class, signature, fingerprint, first_at, last_at)
	select distinct on (f.print) f.interface, f.class, f.signature, f.print, clock_timestamp(), clock_timestamp()
	from orderly.replay_faults(items) f
	where not exists (select from orderly.failure_group g where g.fingerprint = f.print)
	order by f.print
	on conflict (fingerprint) do nothing;
	perform from orderly.failure_group g
	where g.id = any (array(
		select o.id from orderly.failure_group o where o.fingerprint = any (prints)
		union select l.failure_group from orderly.dead_letter l where l.id = any (letters)))
	order by g.id for update;
	perform from orderly.dead_letter l where l.id = any (letters) order by l.id for update;
end
$$;

-- A replay failed: its fault may be another than before. So many of the same in a row, and no bulk
-- replay takes it any more.
create function orderly.dead_letters_refail(items bigint[]) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	bad bigint[];
	hopeless bigint[];
	prints bytea[];
begin
	select array_agg(f.dead_letter), array_agg(f.print) into bad, prints from orderly.replay_faults(items) f;
	update orderly.dead_letter l
	set failed_again = l.failed_again + 1,
		same_again = case when l.failure_group = g.id then l.same_again + 1 else 1 end, failure_group = g.id
	from unnest(bad, prints) b (id, print) join orderly.failure_group g on g.fingerprint = b.print
	where l.id = b.id;
	update orderly.failure_group g set last_at = greatest(g.last_at, clock_timestamp())
	where g.fingerprint = any (prints);
	select array_agg(l.id) filter (where l.same_again >= f.quarantine_after),
		array_agg(l.id) filter (where l.same_again < f.quarantine_after)
	into hopeless, bad
	from orderly.dead_letter l join orderly.interface f on f.id = l.interface where l.id = any (bad);
	if hopeless is not null then
		perform orderly.dead_letters_step('replay_quarantine', hopeless, 'its replays fail with the same fault');
	end if;
	if bad is not null then
		perform orderly.dead_letters_step('replay_fail', bad, 'its replay failed');
	end if;
end
$$;

-- Moves a request on: to its next stage, to its end, or to a stop when too many failed. What waits
-- behind something that failed or is in doubt counts as settled, or a stage would never end.
create function orderly.replay_progress(request bigint, wait bool default true) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	r orderly.replay_request;
	s orderly.replay_stage;
	stuck int;
begin
	if wait then
		select * into r from orderly.replay_request q where q.id = replay_progress.request for update;
	else
		select * into r from orderly.replay_request q where q.id = replay_progress.request for update skip locked;
		if r.id is null then
			return; -- who holds it moves it on, or duty_replay_progress does
		end if;
	end if;
	if not exists (select from orderly.replay_stage t where t.request = r.id and t.final < t.items) then
		if orderly.act_next('replay_request', 'finish', r.state) is not null then
			update orderly.replay_request q
			set state = orderly.act_next('replay_request', 'finish', q.state), ended_at = clock_timestamp(),
				changed_at = clock_timestamp()
			where q.id = r.id;
			perform pg_notify('orderly', 'replay');
		end if;
		return;
	end if;
	while r.state = 'running' loop
		select * into s from orderly.replay_stage t where t.request = r.id and t.stage = r.stage;
		if (r.stage < r.stages and s.settled >= s.items or s.settled - s.forgiven_settled >= 10)
		   and (s.bad - s.forgiven_bad)::bigint * 1000000
		       > r.stop_ppm::bigint * greatest(s.settled - s.forgiven_settled, 1) then
			update orderly.replay_request q
			set state = orderly.act_next('replay_request', 'stop', q.state), changed_at = clock_timestamp(),
				why = format('%s of %s failed in stage %s', s.bad, s.settled, s.stage)
			where q.id = r.id;
			perform orderly.audit_add('replay_stop', 'replay', r.id::text, 'done', null, jsonb_build_object(
				'stage', s.stage, 'settled', s.settled, 'bad', s.bad, 'stop_ppm', r.stop_ppm));
			perform pg_notify('orderly', 'replay');
			return;
		end if;
		exit when r.stage >= r.stages;
		if s.settled < s.items then
			select count(*) into stuck from orderly.replay_item i
			where i.request = r.id and i.stage = r.stage and i.state = 'waiting' and (i.behind is not null or not i.head
				and exists (select from orderly.replay_item h
				            where h.interface = i.interface and h.ordering_key = i.ordering_key and h.live and h.head
				              and (h.behind is not null or h.state in ('in_doubt', 'held'))));
			exit when s.settled + stuck < s.items;
			if (s.bad - s.forgiven_bad)::bigint * 1000000 > r.stop_ppm::bigint * greatest(s.settled - s.forgiven_settled, 1)
			then
				update orderly.replay_request q
				set state = orderly.act_next('replay_request', 'stop', q.state), changed_at = clock_timestamp(),
					why = format('%s of %s failed in stage %s', s.bad, s.settled, s.stage)
				where q.id = r.id;
				perform pg_notify('orderly', 'replay');
				return;
			end if;
		end if;
		update orderly.replay_request q
		set stage = (select min(t.stage) from orderly.replay_stage t where t.request = r.id and t.stage > r.stage),
			changed_at = clock_timestamp()
		where q.id = r.id returning * into r;
	end loop;
end
$$;

-- ---- in doubt, held, asked of the target --------------------------------------------------------

-- A person says how an item in doubt ended, or has it sent again with the same key. The latter wants
-- an approver who did not ask for it.
create function orderly.replay_resolve(item bigint, outcome text, reason text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(case when outcome = 'again' then array['approver'] else array['operator', 'approver'] end);
	r orderly.replay_request;
	i orderly.replay_item;
	why text := who.code;
begin
	if why is null then
		select q.* into r from orderly.replay_item t join orderly.replay_request q on q.id = t.request
		where t.id = item for update of q;
		select * into i from orderly.replay_item t where t.id = item for update;
		why := case
			when i.id is null or not orderly.in_scope(i.interface, i.facility) then 'not_found'
			when outcome is null or outcome not in ('delivered', 'failed', 'again') then 'outcome'
			when not orderly.has_reason(reason) then 'reason'
			when i.state <> 'in_doubt' or orderly.act_next('replay_item', outcome, i.state) is null then 'state'
			when outcome = 'again' and r.asker = who.person then 'own_replay'
			when outcome = 'again' and r.state in ('cancelled', 'done') then 'not_running' end;
	end if;
	if why is not null then
		return orderly.refuse('replay_resolve', 'replay_item', item::text, why, reason, jsonb_build_object('outcome', outcome));
	end if;
	update orderly.replay_item t
	set state = orderly.act_next('replay_item', replay_resolve.outcome, t.state),
		outcome = case when replay_resolve.outcome <> 'again' then 'person:' || replay_resolve.outcome end,
		class = case when replay_resolve.outcome = 'failed' then coalesce(t.class, 'unknown') else t.class end,
		text = case when replay_resolve.outcome = 'failed' then coalesce(t.text, 'found to have failed') else t.text end,
		head = t.head and replay_resolve.outcome = 'again', lease = null, lease_until = null,
		settled_at = case when replay_resolve.outcome <> 'again' then clock_timestamp() end, next_try_at = '-infinity'
	where t.id = i.id;
	perform orderly.replay_settled(array[i.id]);
	perform pg_notify('orderly', 'replay');
	return orderly.done('replay_resolve', 'replay_item', item::text, r.id, reason,
		jsonb_build_object('outcome', outcome, 'idempotency_key', i.idempotency_key));
end
$$;

-- A later one of the same ordering key was delivered: an approver who did not ask for it lets this one
-- follow all the same, or has it left out.
create function orderly.replay_let(item bigint, pass bool, reason text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['approver']);
	r orderly.replay_request;
	i orderly.replay_item;
	why text := who.code;
begin
	if why is null then
		select q.* into r from orderly.replay_item t join orderly.replay_request q on q.id = t.request
		where t.id = item for update of q;
		select * into i from orderly.replay_item t where t.id = item for update;
		why := case
			when i.id is null or not orderly.in_scope(i.interface, i.facility) then 'not_found'
			when r.asker = who.person then 'own_replay'
			when not orderly.has_reason(reason) then 'reason'
			when pass is null or i.state <> 'held' then 'state' end;
	end if;
	if why is not null then
		return orderly.refuse('replay_let', 'replay_item', item::text, why, reason);
	end if;
	update orderly.replay_item t
	set state = orderly.act_next('replay_item', case when pass then 'release' else 'refuse' end, t.state),
		waived = pass, behind = null, head = t.head and pass, next_try_at = '-infinity',
		outcome = case when not pass then 'overtaken' end,
		settled_at = case when not pass then clock_timestamp() end
	where t.id = i.id;
	if not pass then
		perform orderly.replay_settled(array[i.id]);
	end if;
	perform pg_notify('orderly', 'replay');
	return orderly.done('replay_let', 'replay_item', item::text, r.id, reason, jsonb_build_object('pass', pass));
end
$$;

-- Questions for the targets: does it have this one already? The worker asks as the endpoint's "check"
-- says and writes the answer down.
create function orderly.claim_checks(worker text, want int default 20)
returns table (token uuid, transaction bigint, interface text, message_id text, business_key text,
               idempotency_key text, endpoint jsonb)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
begin
	if coalesce(want, 0) <= 0 or orderly.gate_machine('worker') is not null then
		return;
	end if;
	return query
	with mine as (
		update orderly.replay_check c
		set token = gen_random_uuid(), token_until = clock_timestamp() + interval '60 seconds',
			worker = left(claim_checks.worker, 200)
		where c.dead_letter in (
			select n.dead_letter from orderly.replay_check n
			where (n.answered_at is null or n.answered_at < n.asked_at) and (n.token_until is null or n.token_until <= clock_timestamp())
			order by n.asked_at limit least(want, 1000) for update skip locked)
		returning c.*)
	select c.token, c.dead_letter, f.code, m.message_id, m.business_key,
		coalesce(i.idempotency_key, k.sent), f.endpoint
	from mine c
	join orderly.dead_letter l on l.id = c.dead_letter
	join orderly.interface f on f.id = l.interface
	join orderly.message m on m.id = l.id
	left join orderly.replay_item i on i.dead_letter = l.id and i.live
	left join lateral (select orderly.replay_key(l.id, l.born, f.code, m.message_id,
	                          orderly.payload_digest(p.content_type, p.headers, p.body)) as sent
	                   from orderly.replay_payload(l.id, l.born) p) k on true;
end
$$;

-- An item in doubt is settled by the answer: the target has it, or it is sent again with the same key.
create function orderly.record_check(token uuid, answer text, detail jsonb default null) returns bool
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	c orderly.replay_check;
	i orderly.replay_item;
begin
	if orderly.gate_machine('worker') is not null or answer is null
	   or answer not in ('present', 'absent', 'unknown') then
		return false;
	end if;
	select t.* into i from orderly.replay_check k
	join orderly.replay_item t on t.dead_letter = k.dead_letter and t.live where k.token = record_check.token;
	perform from orderly.replay_request q where q.id = i.request for update;
	select * into i from orderly.replay_item t where t.id = i.id for update;
	select * into c from orderly.replay_check k where k.token = record_check.token
		and (k.answered_at is null or k.answered_at < k.asked_at) for update;
	if c.dead_letter is null then
		return false;
	end if;
	update orderly.replay_check k
	set answered_at = clock_timestamp(), answer = record_check.answer, detail = record_check.detail, token_until = null
	where k.dead_letter = c.dead_letter;
	if i.state = 'in_doubt' and answer <> 'unknown' then
		update orderly.replay_item t
		set state = orderly.act_next('replay_item', case answer when 'present' then 'present' else 'again' end, t.state),
			outcome = case answer when 'present' then 'present' end, lease = null, lease_until = null,
			head = t.head and answer = 'absent', next_try_at = '-infinity',
			settled_at = case answer when 'present' then clock_timestamp() end
		where t.id = i.id;
		perform orderly.replay_settled(array[i.id]);
		perform orderly.audit_add('replay_answer', 'replay_item', i.id::text, 'done', null,
			jsonb_build_object('answer', answer, 'detail', detail));
	end if;
	return true;
end
$$;

-- ---- duties -------------------------------------------------------------------------------------

-- Leases that ran out. Before the mark nothing has happened. Behind it the item is in doubt; where the
-- target keeps repeats apart by itself it is sent again, with the same key, five times at most.
create function orderly.duty_replay_leases(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	late bigint[];
	requests bigint[];
begin
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
		outcome = case s.act when 'in_doubt' then 'lost' end,
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

-- What came back to a request that has ended meanwhile is called off.
create function orderly.replay_sweep(request bigint) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	off bigint[];
begin
	if not exists (select from orderly.replay_request q where q.id = replay_sweep.request
	               and q.state in ('done', 'rejected', 'expired', 'cancelled')) then
		return; -- without a look at its items
	end if;
	with swept as (
		update orderly.replay_item i
		set state = orderly.act_next('replay_item', 'cancel', i.state), lease = null, head = false, behind = null,
			settled_at = clock_timestamp()
		where i.request = replay_sweep.request and i.state = 'waiting'
		returning i.id)
	select array_agg(s.id) into off from swept s;
	if off is not null then
		perform orderly.replay_settled(off);
	end if;
end
$$;

-- Moves on what nobody moved: a claim that refused the last items could not wait for their request.
create function orderly.duty_replay_progress(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	id bigint;
	n int := 0;
begin
	for id in select q.id from orderly.replay_request q
	          join orderly.replay_stage s on s.request = q.id and s.stage = q.stage
	          where q.state = 'running' and s.settled >= s.items
	            and (q.stage < q.stages or s.final >= s.items)
	          order by q.id limit budget loop
		perform orderly.replay_progress(id);
		n := n + 1;
	end loop;
	return n;
end
$$;

create function orderly.duty_replay_expiry(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	r orderly.replay_request;
	n int := 0;
begin
	for r in select * from orderly.replay_request q
	         where q.state in ('asked', 'approved') and q.expires_at <= clock_timestamp()
	         order by q.id limit budget for update skip locked loop
		perform orderly.replay_end(r.id, 'expire', 'nobody decided or ran it in time');
		perform orderly.audit_add('replay_expire', 'replay', r.id::text, 'done', null, null);
		perform pg_notify('orderly', 'replay');
		n := n + 1;
	end loop;
	return n;
end
$$;

insert into orderly.duty (name, every_ms, budget) values ('replay_leases', 1000, 200), ('replay_expiry', 10000, 20),
	('replay_progress', 1000, 50);

-- ---- rights and checks --------------------------------------------------------------------------

grant execute on function orderly.replay_dry_run(bigint[]), orderly.replay_ask(bigint[], text, jsonb, jsonb),
	orderly.replay_ask_group(bigint, bigint, text, jsonb), orderly.replay_edit(bigint, text, bytea, text),
	orderly.replay_look(bigint), orderly.replay_changes(bigint),
	orderly.replay_decide(bigint, int, bool, int, text), orderly.replay_cancel(bigint, text),
	orderly.replay_pause(bigint, text), orderly.replay_resume(bigint, text),
	orderly.replay_review(bigint, bool, text), orderly.replay_resolve(bigint, text, text),
	orderly.replay_let(bigint, bool, text)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;
grant execute on function orderly.claim_replays(text, int, int, text[]), orderly.mark_sending(uuid[]),
	orderly.complete_replay(jsonb), orderly.claim_checks(text, int), orderly.record_check(uuid, text, jsonb)
	to orderly_{store}_worker;

alter table orderly.replay_request enable row level security;
create policy replay_request_read on orderly.replay_request for select
	using (interfaces && (select orderly.my_interfaces())::int[]);
alter table orderly.replay_item enable row level security;
create policy replay_item_read on orderly.replay_item for select
	using (interface = any ((select orderly.my_interfaces())::int[])
	       and (facility is null or facility = any ((select orderly.my_facilities())::smallint[])));
do $scope$
declare
	name text;
begin
	foreach name in array array['replay_revision', 'replay_decision', 'replay_stage'] loop
		execute format('alter table orderly.%I enable row level security', name);
		execute format('create policy %I on orderly.%I for select using (
			exists (select from orderly.replay_request q where q.id = %I.request))', name || '_read', name, name);
	end loop;
	foreach name in array array['replay_request', 'replay_item', 'replay_revision', 'replay_decision', 'replay_stage'] loop
		execute format('grant select on orderly.%I to orderly_{store}_support, orderly_{store}_operator,
			orderly_{store}_approver', name);
	end loop;
end
$scope$;
-- The lease is the worker's; who reads items does not see it.
revoke select on orderly.replay_item from orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;
grant select (id, request, nr, stage, dead_letter, interface, facility, born, ordering_key, payload_digest,
	sent_digest, idempotency_key, state, live, go, head, behind, waived, next_try_at, lease_until, worker, claims,
	sends, sending_at, settled_at, outcome, class, code, text, http_status, replayed_as)
	on orderly.replay_item to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;

create function orderly.check_replays() returns table (name text, ok bool, detail text)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	found text;
begin
	select string_agg(q.id::text, ', ') into found
	from (select q.id from orderly.replay_request q
	      left join orderly.replay_stage s on s.request = q.id
	      group by q.id having q.items <> (select count(*) from orderly.replay_item i where i.request = q.id)
	          or sum(s.items) <> q.items limit 10) q;
	return query select 'each replay holds the items that were frozen', found is null, found;

	select string_agg(s.request || '/' || s.stage, ', ') into found
	from (select s.request, s.stage from orderly.replay_stage s
	      join orderly.replay_item i on i.request = s.request and i.stage = s.stage
	      group by s.request, s.stage
	      having (s.settled, s.bad, s.final) <> (count(*) filter (where not i.live or i.state in ('in_doubt', 'held')),
	          count(*) filter (where i.state in ('failed', 'in_doubt')), count(*) filter (where not i.live)) limit 10) s;
	return query select 'each stage counts its items', found is null, found;

	select string_agg(q.id::text, ', ') into found
	from orderly.replay_request q
	where q.started_at is not null and q.needed > (
		select count(distinct d.approver) from orderly.replay_decision d
		where d.request = q.id and d.revision = q.revision and d.verdict = 'approved' and d.approver <> q.asker);
	return query select 'what ran had its approvals, by other persons', found is null, found;

	select string_agg(q.id::text, ', ') into found
	from orderly.replay_request q
	where (select v.digest from orderly.replay_revision v where v.request = q.id and v.revision = q.revision)
	      is distinct from orderly.replay_digest(q.id);
	return query select 'each replay is what was decided about', found is null, found;

	select string_agg(l.id::text, ', ') into found
	from (select l.id from orderly.dead_letter l
	      left join orderly.replay_item i on i.dead_letter = l.id and i.live and i.go
	      where (l.state = 'in_doubt') <> (i.state is not distinct from 'in_doubt')
	         or (l.state = 'replaying') <> (i.id is not null and i.state <> 'in_doubt') limit 10) l;
	return query select 'a dead letter is replaying while its item is live', found is null, found;

	select string_agg(i.id::text, ', ') into found
	from (select i.id from orderly.replay_item i join orderly.replay_request q on q.id = i.request
	      where i.state in ('sending', 'delivered') and i.sends = 0 and i.outcome is distinct from 'present' limit 10) i;
	return query select 'nothing was sent without its mark', found is null, found;

	select string_agg(i.id::text, ', ') into found
	from (select i.id from orderly.replay_item i
	      where exists (select from orderly.replay_item o
	                    where o.dead_letter = i.dead_letter and o.id < i.id
	                      and o.sent_digest = i.sent_digest and o.idempotency_key <> i.idempotency_key) limit 10) i;
	return query select 'the same payload always carries the same key', found is null, found;

	select string_agg(i.id::text, ', ') into found
	from (select i.id from orderly.replay_item i
	      where i.state = 'delivered' and i.outcome = 'delivered'
	        and not exists (select from orderly.lineage l where l.item = i.id and l.child = i.replayed_as) limit 10) i;
	return query select 'each delivered replay has a transaction of its own', found is null, found;
end
$$;
