-- kind: transaction
-- What the middleware tells: messages with their search terms, transactions with the state folded
-- from their events, the events, their payloads, the feed for followers, and what was not taken.

set local role orderly_{store}_owner;

-- What an event of a kind does to its transaction's state. The rank decides between events of one
-- attempt, whatever their clocks say; rank 0 moves nothing. A delivery ends the transaction where
-- that counts as success; where the interface waits for an acknowledgement it is one more step,
-- below a failure, so that a refusal by the partner is not hidden by the delivery before it.
create table orderly.event_rule (
	kind text not null,
	success text not null check (success in ('delivered', 'acknowledged')),
	rank smallint not null check (rank >= 0),
	state text check (state in ('waiting', 'running', 'retrying', 'done', 'filtered', 'dead', 'cancelled')),
	primary key (kind, success),
	check ((rank = 0) = (state is null))
);
insert into orderly.event_rule (kind, success, rank, state)
select r.kind, s.success, r.rank, r.state
from (values
	('note', 0, null), ('duplicate', 0, null), ('overdue', 0, null),
	('received', 10, 'waiting'),
	('validated', 20, 'running'),
	('transformed', 30, 'running'),
	('queued', 40, 'waiting'),
	('step', 50, 'running'),
	('attempted', 60, 'running'),
	('failed', 70, 'retrying'),
	('retry_scheduled', 80, 'retrying'),
	('dead', 90, 'dead'),
	('filtered', 100, 'filtered'),
	('cancelled', 110, 'cancelled'),
	('acknowledged', 130, 'done')) as r (kind, rank, state)
cross join (values ('delivered'), ('acknowledged')) as s (success);
insert into orderly.event_rule (kind, success, rank, state) values
	('delivered', 'delivered', 120, 'done'),
	('delivered', 'acknowledged', 65, 'running');

create table orderly.error_class (code text primary key, title text not null);
insert into orderly.error_class values
	('transport', 'could not be reached'),
	('timeout', 'did not answer in time'),
	('auth', 'refused the credentials'),
	('throttled', 'asked for fewer requests'),
	('schema', 'the content has not the agreed form'),
	('mapping', 'a value could not be mapped'),
	('reference', 'points to something the target does not have'),
	('business', 'a rule of the target says no'),
	('conflict', 'the target holds something newer or other'),
	('target', 'the target failed'),
	('unknown', 'none of these');

-- Identifiers as people type them: case, blanks, dashes and the like do not count. Only ASCII is
-- folded, so that the result never depends on a locale or its version.
create function orderly.norm(id text) returns text
language sql immutable parallel safe
return translate(lower(id collate "C"), e' -_./\t\n\r', '');

-- The registry: which message of which interface is which transaction, born on which day by
-- arrival. Never partitioned, so identity spans all partitions. Beside it the terms by which people
-- search. Where events disagree about one the smallest wins: any order gives the same answer.
create table orderly.message (
	id bigint generated always as identity,
	interface int not null,
	born date not null,
	facility smallint,
	partner int,
	message_id text collate "C" not null,
	correlation text collate "C",
	parent text collate "C",
	business_key text collate "C",
	entity text collate "C",
	partner_ref text collate "C",
	ordering_key text collate "C",
	message_norm text collate "C" not null,
	correlation_norm text collate "C",
	business_norm text collate "C",
	partner_norm text collate "C"
) with (fillfactor = 95);
alter table orderly.message
	add constraint message_pkey primary key (id),
	add constraint message_identity unique (interface, message_id);
create index message_by_norm on orderly.message (message_norm);
create index message_by_correlation on orderly.message (correlation_norm)
	where correlation_norm is not null;
create index message_by_business on orderly.message (business_norm) where business_norm is not null;
create index message_by_partner_ref on orderly.message (partner_norm) where partner_norm is not null;

-- The state of each transaction, kept apart from its terms: the row is short and its changes touch
-- few indexes. (attempt, rank, at, key) are those of the event that decides the state; fail_* those
-- of the failure shown. `was` is the state before the last change, for the counters.
create table orderly.transaction (
	id bigint primary key,
	interface int not null,
	born date not null,
	facility smallint,
	state text not null
		check (state in ('waiting', 'running', 'retrying', 'done', 'filtered', 'dead', 'cancelled')),
	was text,
	attempt int not null,
	rank smallint not null,
	at timestamptz not null,
	key bytea not null,
	first_at timestamptz not null,
	last_at timestamptz not null,
	due_at timestamptz,
	overdue_at timestamptz,
	events int not null,
	failures int not null,
	fail_attempt int,
	fail_rank smallint,
	fail_at timestamptz,
	fail_key bytea,
	native_state text,
	class text,
	code text,
	text text
) with (fillfactor = 85);
create index transaction_by_interface on orderly.transaction (interface, id);
create index transaction_by_state on orderly.transaction (state, id) where state <> 'done';
create index transaction_dead on orderly.transaction (interface, at) where state = 'dead';
create index transaction_due on orderly.transaction (due_at)
	where due_at is not null and overdue_at is null and state in ('waiting', 'running', 'retrying');

create index transaction_overdue on orderly.transaction (interface)
	where overdue_at is not null and state in ('waiting', 'running', 'retrying');

-- Events lie under the birth day of their transaction. A key counts once per transaction.
create table orderly.event (
	born date not null,
	transaction bigint not null,
	key bytea not null,
	interface int not null,
	facility smallint,
	arrived timestamptz not null,
	at timestamptz not null,
	kind text not null,
	attempt int not null,
	digest bigint not null,
	duration_ms int,
	http_status int,
	due_at timestamptz,
	stage text,
	component text,
	native_state text,
	class text,
	code text,
	text text,
	trace_id text,
	span_id text,
	idempotency_key text,
	target_model text,
	target_ref text,
	event_id text,
	compensates text,
	primary key (transaction, key, born)
) partition by range (born);

-- Raw bodies, and what an event said besides that the store has no column for: it may be anything.
-- Nobody reads this table; functions with a grant do.
create table orderly.payload (
	born date not null,
	transaction bigint not null,
	key bytea not null,
	interface int not null,
	facility smallint,
	arrived timestamptz not null,
	kind text,
	content_type text,
	headers jsonb,
	body bytea,
	more jsonb,
	primary key (transaction, key, born)
) partition by range (born);

-- Payloads whose masked rendition has still to be made; a row in the transaction that takes them.
create table orderly.mask_pending (
	transaction bigint not null,
	key bytea not null,
	born date not null,
	primary key (transaction, key, born)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- An era is one life of one cluster: a promotion or a restore may hand out the same transaction
-- numbers again, so places in the feed carry it. The last row is the present one.
create table orderly.era (
	id smallint primary key,
	code text not null unique,
	system bigint not null,
	timeline int not null,
	since timestamptz not null default clock_timestamp()
);

-- The feed: one short row per event, in the order (era, xid, seq). seq begins with the number of the
-- week of arrival, which is what partitions are made by: week * 10^13 + a running number.
create sequence orderly.feed_seq maxvalue 9999999999999 cycle cache 1;
create table orderly.feed (
	era smallint not null,
	xid xid8 not null,
	seq bigint not null,
	arrived timestamptz not null,
	at timestamptz not null,
	transaction bigint not null,
	key bytea not null,
	interface int not null,
	partner int,
	attempt int not null,
	facility smallint,
	kind text not null,
	state text,
	class text,
	text text,
	primary key (era, xid, seq)
) partition by range (seq);

-- What was not taken, as it came. The same again only counts.
create table orderly.reject (
	id bigint generated always as identity primary key,
	arrived timestamptz not null,
	last_at timestamptz not null,
	times int not null default 1,
	login text not null,
	interface int,
	code text not null,
	reason text not null,
	size int not null,
	digest bytea not null,
	raw bytea not null,
	unique (digest, code)
);
create index reject_by_arrival on orderly.reject (last_at);

-- Counters of the present, for the overview: changes are added up per slot, and each writer holds a
-- slot of its own while it writes, so that busy interfaces never make writers wait for each other.
create table orderly.gauge (
	interface int not null,
	slot smallint not null,
	waiting bigint not null default 0,
	running bigint not null default 0,
	retrying bigint not null default 0,
	dead bigint not null default 0,
	done bigint not null default 0,
	filtered bigint not null default 0,
	cancelled bigint not null default 0,
	events bigint not null default 0,
	last_at timestamptz,
	primary key (interface, slot)
) with (fillfactor = 25, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- The same per five minutes of event time, for the last hour's rates.
create table orderly.pulse (
	bucket timestamptz not null,
	interface int not null,
	slot smallint not null,
	born int not null default 0,
	done int not null default 0,
	dead int not null default 0,
	failed int not null default 0,
	primary key (bucket, interface, slot)
) with (fillfactor = 25, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- Large values are compressed with lz4 where the server was built with it: ten times quicker.
do $compression$
begin
	alter table orderly.payload alter column body set compression lz4;
	alter table orderly.reject alter column raw set compression lz4;
exception when feature_not_supported or invalid_parameter_value then
	null;
end
$compression$;

-- Partitions: a month of birth days for events and payloads, a week of arrivals for the feed. Each
-- is made apart and attached, so that readers and writers hardly notice.
create function orderly.feed_week(at timestamptz) returns bigint
language sql immutable strict parallel safe
return floor(extract(epoch from at) / 604800)::bigint;

create function orderly.partition_make(parent text, name text, low text, high text, rule text) returns bool
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	if to_regclass('orderly.' || parent) is null or to_regclass(format('orderly.%I', name)) is not null then
		return false;
	end if;
	execute format('create table orderly.%I (like orderly.%I including all)', name, parent);
	execute format('alter table orderly.%I add constraint bounds check (%s)', name, rule);
	execute format('alter table orderly.%I attach partition orderly.%I for values from (%s) to (%s)',
	               parent, name, low, high);
	execute format('alter table orderly.%I drop constraint bounds', name);
	return true;
end
$$;

create function orderly.partitions_make(upto timestamptz, since timestamptz default now()) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	made int := 0;
	parent text;
	month date;
	week bigint;
begin
	for month in select g::date
	             from generate_series(date_trunc('month', since at time zone 'UTC'),
	                                  upto at time zone 'UTC', interval '1 month') g loop
		foreach parent in array array['event', 'payload', 'rendition'] loop
			made := made + orderly.partition_make(parent, parent || to_char(month, '_YYYYMM'),
				quote_literal(month), quote_literal((month + interval '1 month')::date),
				format('born >= %L and born < %L', month, (month + interval '1 month')::date))::int;
		end loop;
	end loop;
	for week in select generate_series(orderly.feed_week(since), orderly.feed_week(upto)) loop
		made := made + orderly.partition_make('feed', 'feed_' || week,
			(week * 10000000000000)::text, ((week + 1) * 10000000000000)::text,
			format('seq >= %s and seq < %s', week * 10000000000000, (week + 1) * 10000000000000))::int;
	end loop;
	return made;
end
$$;
select orderly.partitions_make(now() + interval '40 days');

-- What people read, they read within their scope. A transaction without a facility is seen by all
-- who see its interface. An event that names none is seen by who sees its message: another event may
-- have named it since, or may be doing so just now.
-- The rule stands in a CASE so that the planner takes it for what it is, a question to each row: of
-- "interface = any (unknown)" it would believe that ten interfaces pass, and gather all their rows and
-- sort them instead of reading a page in the order of an index.
do $scope$
declare
	name text;
begin
	foreach name in array array['message', 'transaction', 'event'] loop
		execute format('alter table orderly.%I enable row level security', name);
		execute format(
			'create policy %I on orderly.%I for select using (
				case when interface = any ((select orderly.my_interfaces())::int[])
				then facility = any ((select orderly.my_facilities())::smallint[]) or facility is null %s end)',
			name || '_read', name, case name when 'event' then
				'and exists (select from orderly.message m where m.id = transaction)' else '' end);
		execute format('grant select on orderly.%I to orderly_{store}_support, orderly_{store}_operator,
			orderly_{store}_approver', name);
	end loop;
	foreach name in array array['gauge', 'pulse'] loop
		execute format('alter table orderly.%I enable row level security', name);
		-- Thousands of them are read at once, so the scope is hashed.
		execute format('create policy %I on orderly.%I for select using (
			interface in (select unnest(orderly.my_interfaces())))', name || '_read', name);
		execute format('grant select on orderly.%I to orderly_{store}_support, orderly_{store}_operator,
			orderly_{store}_approver', name);
	end loop;
end
$scope$;
grant select on orderly.event_rule, orderly.error_class, orderly.era to orderly_{store}_support,
	orderly_{store}_operator, orderly_{store}_approver, orderly_{store}_security,
	orderly_{store}_admin;
grant execute on function orderly.norm(text) to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver;
