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
	('replay_item', 'present', 'claimed,sending,in_doubt', 'delivered'), -- the target had it
	('replay_item', 'failed', 'claimed,sending,in_doubt', 'failed'),
	('replay_item', 'not_sent', 'claimed,sending', 'waiting'), -- certain that nothing reached the target
	('replay_item', 'in_doubt', 'sending', 'in_doubt'),
	('replay_item', 'give_back', 'claimed', 'waiting'), -- the lease ran out before the mark
	('replay_item', 'again', 'sending,in_doubt', 'waiting'), -- sent anew with the same key
	('replay_item', 'hold', 'waiting', 'held'),
	('replay_item', 'release', 'held', 'waiting'),
	('replay_item', 'refuse', 'waiting,held', 'refused'),
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
