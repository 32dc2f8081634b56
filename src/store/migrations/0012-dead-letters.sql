-- kind: transaction
-- Dead letters: what a transaction leaves behind when it dies, gathered into failure groups by what
-- went wrong, and what people do with them.
--
-- Ingest knows nothing of them. A duty follows the feed, looks at what became of each transaction
-- that is named there, and brings its dead letter up to that: so the answer does not depend on the
-- order of events, a storm of failures costs ingest nothing, and only this duty writes the counters.

set local role orderly_{store}_owner;

-- How far the store's own followers of the feed have come.
create table orderly.follower (
	name text primary key,
	era smallint not null default 0,
	xid xid8 not null default '0',
	seq bigint not null default 0,
	arrived timestamptz
);

-- What came after a follower's place, whatever any scope says. Rows of an era of another cluster came
-- with a restore and are whole.
create function orderly.follow(place orderly.follower, most int) returns setof orderly.feed
language plpgsql stable rows 1000
set search_path = pg_catalog, orderly, pg_temp
set plan_cache_mode = force_custom_plan -- so that only the partitions in question are opened
set enable_sort = off -- in the order of the index, as feed_after()
as $$
declare
	week constant bigint := 10000000000000;
	bounds constant record := orderly.feed_bounds();
	low constant bigint := (place.seq / week - 1) * week;
	high constant bigint := (orderly.feed_week(clock_timestamp()) + 1) * week;
begin
	return query
		select f.* from orderly.feed f
		where (f.era, f.xid, f.seq) > (place.era, place.xid, place.seq)
			and (f.era < bounds.own or f.xid < bounds.horizon)
			and f.seq >= low and f.seq < high
		order by f.era, f.xid, f.seq
		limit most;
end
$$;

-- The states, and what an act makes of each. Acts of people and steps of the machinery alike are
-- looked up here; what is not listed is refused. "back" stands for owned or open: whether it has an
-- owner.
create table orderly.act_rule (
	machine text not null, -- dead_letter, replay_request, replay_item
	act text not null,
	state text not null,
	becomes text not null,
	primary key (machine, act, state)
);
insert into orderly.act_rule (machine, act, state, becomes)
select 'dead_letter', r.act, s, r.becomes
from (values
	('own', 'open,owned,snoozed', 'owned'),
	('own', 'quarantined', 'quarantined'),
	('release', 'owned', 'open'),
	('release', 'snoozed', 'snoozed'),
	('release', 'quarantined', 'quarantined'),
	('snooze', 'open,owned,snoozed', 'snoozed'),
	('discard', 'open,owned,snoozed,quarantined', 'discarded'),
	('reopen', 'snoozed,quarantined,resolved,discarded,expired', 'back'),
	-- of the machinery: the snooze is over; it is too old; the transaction went on by itself, died again
	('wake', 'snoozed', 'back'),
	('expire', 'open,owned,snoozed,quarantined', 'expired'),
	('revive', 'open,owned,snoozed,quarantined', 'resolved'),
	('recur', 'resolved,discarded,expired', 'open'),
	-- of its replay: it runs, nobody knows how it ended, it succeeded, it failed, it was called off
	('replay_begin', 'open,owned,snoozed,quarantined', 'replaying'),
	('replay_doubt', 'replaying', 'in_doubt'),
	('replay_again', 'in_doubt', 'replaying'),
	('replay_succeed', 'replaying,in_doubt', 'resolved'),
	('replay_fail', 'replaying,in_doubt', 'back'),
	('replay_quarantine', 'replaying,in_doubt', 'quarantined'),
	('replay_end', 'replaying', 'back')) as r (act, states, becomes)
cross join unnest(string_to_array(r.states, ',')) s;

-- NULL: not allowed in this state.
create function orderly.act_next(machine text, act text, state text, owned bool default false) returns text
language plpgsql stable
as $$
begin
	return (select case r.becomes when 'back' then case when owned then 'owned' else 'open' end else r.becomes end
	        from orderly.act_rule r
	        where r.machine = act_next.machine and r.act = act_next.act and r.state = act_next.state);
end
$$;

-- One fault of one interface. The counters are kept by the trigger below.
create table orderly.failure_group (
	id bigint generated always as identity primary key,
	interface int not null,
	class text not null,
	signature text not null,
	fingerprint bytea not null unique,
	first_at timestamptz not null,
	last_at timestamptz not null,
	total bigint not null default 0,
	unresolved bigint not null default 0,
	unowned bigint not null default 0,
	failed_again bigint not null default 0,
	owner int references orderly.person (id),
	snoozed_until timestamptz,
	reopened int not null default 0,
	reopened_at timestamptz,
	closed_at timestamptz
) with (fillfactor = 50);
create index failure_group_open on orderly.failure_group (last_at desc, id) where unresolved > 0;
create index failure_group_interface on orderly.failure_group (interface, last_at);

-- One per dead transaction, under its number. nr grows in the order of opening: whoever acts on a
-- whole group says up to which nr they have seen it.
create table orderly.dead_letter (
	id bigint primary key, -- of the transaction
	nr bigint generated always as identity,
	born date not null,
	interface int not null,
	facility smallint,
	ordering_key text collate "C",
	failure_group bigint not null references orderly.failure_group (id),
	death text not null, -- the key of the event of which it died
	at timestamptz not null,
	opened_at timestamptz not null default clock_timestamp(),
	state text not null default 'open' check (state in ('open', 'owned', 'snoozed', 'replaying', 'in_doubt',
		'quarantined', 'resolved', 'discarded', 'expired')),
	unresolved bool not null generated always as (state not in ('resolved', 'discarded', 'expired')) stored,
	owner int references orderly.person (id),
	snoozed_until timestamptz,
	changed_at timestamptz not null default clock_timestamp(),
	why text,
	failed_again int not null default 0,
	same_again int not null default 0, -- in a row, with the same fault
	replayed_as bigint,
	constraint dead_letter_owned check (state <> 'owned' or owner is not null),
	constraint dead_letter_snoozed check ((state = 'snoozed') = (snoozed_until is not null))
) with (fillfactor = 80);
create unique index dead_letter_nr on orderly.dead_letter (nr);
create index dead_letter_group on orderly.dead_letter (failure_group, at, id) where unresolved;
create index dead_letter_members on orderly.dead_letter (failure_group, nr);
create index dead_letter_interface on orderly.dead_letter (interface, at, id) where unresolved;
create index dead_letter_order on orderly.dead_letter (interface, ordering_key, id)
	where unresolved and ordering_key is not null;
create index dead_letter_wake on orderly.dead_letter (snoozed_until) where snoozed_until is not null;
create index dead_letter_age on orderly.dead_letter (at, id) where unresolved;

-- How many died of it in which hour, counted from 1970.
create table orderly.failure_trend (
	failure_group bigint not null references orderly.failure_group (id),
	hour int not null,
	interface int not null,
	died int not null,
	primary key (failure_group, hour)
) with (fillfactor = 50);

-- Keeps the counters of groups, whoever changes a dead letter and however many at once. A group whose
-- last unresolved one goes is closed and loses its owner; the next one to come opens it again.
create function orderly.dead_letter_counted() returns trigger
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	if tg_op = 'INSERT' then
		with step as materialized (
			select n.failure_group as id, count(*) as total, count(*) filter (where n.unresolved) as unresolved,
				count(*) filter (where n.unresolved and n.owner is null) as unowned, sum(n.failed_again) as again
			from added n group by 1)
		update orderly.failure_group g
		set total = g.total + s.total, unresolved = g.unresolved + s.unresolved,
			unowned = g.unowned + s.unowned, failed_again = g.failed_again + s.again,
			reopened = g.reopened + (g.total > 0 and g.unresolved = 0 and s.unresolved > 0)::int,
			reopened_at = case when g.total > 0 and g.unresolved = 0 and s.unresolved > 0
				then clock_timestamp() else g.reopened_at end,
			closed_at = case when s.unresolved > 0 then null else g.closed_at end
		from step s where g.id = s.id;
		return null;
	end if;
	with step as materialized (
		select failure_group as id, sum(total) as total, sum(unresolved) as unresolved, sum(unowned) as unowned,
			sum(again) as again
		from (
			select failure_group, 1 as total, unresolved::int, (unresolved and owner is null)::int as unowned,
				failed_again as again from added
			union all
			select failure_group, -1, -unresolved::int, -(unresolved and owner is null)::int, -failed_again
			from removed) c
		group by 1)
	update orderly.failure_group g
	set total = g.total + s.total, unresolved = g.unresolved + s.unresolved, unowned = g.unowned + s.unowned,
		failed_again = g.failed_again + s.again,
		reopened = g.reopened + (g.total > 0 and g.unresolved = 0 and s.unresolved > 0)::int,
		reopened_at = case when g.total > 0 and g.unresolved = 0 and s.unresolved > 0
			then clock_timestamp() else g.reopened_at end,
		closed_at = case when g.unresolved + s.unresolved > 0 then null
			when g.unresolved > 0 then clock_timestamp() else g.closed_at end,
		owner = case when g.unresolved + s.unresolved > 0 then g.owner end,
		snoozed_until = case when g.unresolved + s.unresolved > 0 then g.snoozed_until end
	from step s
	where g.id = s.id and (s.total, s.unresolved, s.unowned, s.again) <> (0, 0, 0, 0);
	return null;
end
$$;
create trigger dead_letter_added after insert on orderly.dead_letter
	referencing new table as added for each statement execute function orderly.dead_letter_counted();
create trigger dead_letter_changed after update on orderly.dead_letter
	referencing new table as added old table as removed
	for each statement execute function orderly.dead_letter_counted();

-- A transaction that is itself the replay of another has its outcome written to that one's dead
-- letter. Replays say so here.
create table orderly.lineage (
	child bigint primary key,
	parent bigint not null,
	item bigint not null
);
create index lineage_parent on orderly.lineage (parent);

-- Locks dead letters, behind their groups: whoever changes one changes the counters of its group, and
-- all who do so take the groups first, by id, then the letters, by id.
create function orderly.dead_letters_lock(ids bigint[]) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	perform from orderly.failure_group g
	where g.id in (select l.failure_group from orderly.dead_letter l where l.id = any (ids))
	order by g.id for update;
	perform from orderly.dead_letter l where l.id = any (ids) order by l.id for update;
end
$$;

-- The groups of these deaths, made where they are new.
create function orderly.dead_letters_group(died bigint[]) returns table (id bigint, failure_group bigint)
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return query
	with fault as materialized (
		select t.interface, coalesce(t.class, 'unknown') as class, coalesce(t.text, t.code, '') as words,
			array_agg(t.id) as ids, min(t.at) as first_at, max(t.at) as last_at
		from orderly.transaction t where t.id = any (died)
		group by 1, 2, 3
	),
	signed as materialized (
		select f.interface, f.class, s.signature, orderly.fingerprint(f.interface, f.class, s.signature) as print,
			f.ids, f.first_at, f.last_at
		from fault f cross join lateral (select orderly.error_signature(f.words) as signature offset 0) s
	),
	put as (
		insert into orderly.failure_group as g (interface, class, signature, fingerprint, first_at, last_at)
		select s.interface, s.class, s.signature, s.print, min(s.first_at), max(s.last_at)
		from signed s group by 1, 2, 3, 4 order by 4
		on conflict (fingerprint) do nothing
		returning g.id, g.fingerprint
	)
	select u.id, coalesce(p.id, g.id)
	from signed s
	left join put p on p.fingerprint = s.print
	left join orderly.failure_group g on g.fingerprint = s.print
	cross join lateral unnest(s.ids) u (id);
end
$$;

-- Opens a dead letter for each of these transactions, all of them dead, or opens it again. In a group
-- that someone owns or has put to sleep, the new one follows suit.
create function orderly.dead_letters_open(died bigint[]) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	grouped bigint[];
	groups bigint[];
	n int;
begin
	-- In a statement of its own: what it puts in is seen only by the next.
	select array_agg(d.id), array_agg(d.failure_group) into grouped, groups from orderly.dead_letters_group(died) d;
	perform from orderly.failure_group g where g.id = any (groups) order by g.id for update;
	update orderly.failure_group g
	set first_at = least(g.first_at, d.first_at), last_at = greatest(g.last_at, d.last_at)
	from (select u.failure_group, min(t.at) as first_at, max(t.at) as last_at
	      from unnest(grouped, groups) u (id, failure_group)
	      join orderly.transaction t on t.id = u.id group by 1) d
	where g.id = d.failure_group;
	with new as materialized (
		select t.id, t.born, t.interface, t.facility, m.ordering_key, d.failure_group, t.key::text as death, t.at,
			g.owner, case when g.snoozed_until > clock_timestamp() then g.snoozed_until end as until
		from unnest(grouped, groups) d (id, failure_group)
		join orderly.transaction t on t.id = d.id
		join orderly.message m on m.id = d.id
		join orderly.failure_group g on g.id = d.failure_group
	),
	put as (
		insert into orderly.dead_letter as l (id, born, interface, facility, ordering_key, failure_group, death, at,
			state, owner, snoozed_until)
		select id, born, interface, facility, ordering_key, failure_group, death, at,
			case when until is not null then 'snoozed' when owner is not null then 'owned' else 'open' end, owner, until
		from new order by id
		on conflict (id) do update
		set facility = excluded.facility, failure_group = excluded.failure_group, death = excluded.death,
			at = excluded.at,
			state = case when l.unresolved then l.state else excluded.state end,
			owner = case when l.unresolved then l.owner else excluded.owner end,
			snoozed_until = case when l.unresolved then l.snoozed_until else excluded.snoozed_until end,
			why = case when l.unresolved then l.why end,
			changed_at = clock_timestamp()
		returning l.id
	)
	insert into orderly.failure_trend as r (failure_group, hour, interface, died)
	select failure_group, floor(date_part('epoch', at) / 3600)::int, interface, count(*)
	from new group by 1, 2, 3 order by 1, 2
	on conflict (failure_group, hour) do update set died = r.died + excluded.died;
	get diagnostics n = row_count;
	return n;
end
$$;

-- Changes dead letters by an act of the machinery. Those whose state does not allow it stay.
create function orderly.dead_letters_step(act text, ids bigint[], why text default null) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	n int;
begin
	perform orderly.dead_letters_lock(ids);
	update orderly.dead_letter l
	set state = case r.becomes when 'back' then case when l.owner is null then 'open' else 'owned' end
		else r.becomes end,
		snoozed_until = null, why = coalesce(dead_letters_step.why, l.why), changed_at = clock_timestamp()
	from orderly.act_rule r
	where l.id = any (ids) and r.machine = 'dead_letter' and r.act = dead_letters_step.act and r.state = l.state;
	get diagnostics n = row_count;
	return n;
end
$$;

-- Follows the feed. What counts is the state of the transaction now and not the event, so that rows
-- read twice change nothing.
create function orderly.duty_dead_letters(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	place orderly.follower;
	batch record;
	died bigint[];
	gone bigint[];
begin
	select * into place from orderly.follower where name = 'dead_letters' for update;
	select count(*)::int as rows, array_agg(distinct f.transaction) filter (where f.state is not null) as seen,
		(array_agg(row (place.name, f.era, f.xid, f.seq, f.arrived)::orderly.follower
			order by f.era desc, f.xid desc, f.seq desc))[1] as last
	into batch
	from orderly.follow(place, greatest(budget, 1)) f;
	if batch.rows = 0 then
		return 0;
	end if;
	select array_agg(t.id) filter (where t.state = 'dead' and l.death is distinct from t.key::text),
		array_agg(t.id) filter (where t.state in ('done', 'filtered', 'cancelled') and l.unresolved)
	into died, gone
	from orderly.transaction t
	left join orderly.dead_letter l on l.id = t.id
	where t.id = any (batch.seen) and (t.state = 'dead' or l.unresolved)
	  and not exists (select from orderly.lineage c where c.child = t.id);
	if died is not null then
		perform orderly.dead_letters_open(died);
	end if;
	if gone is not null then
		perform orderly.dead_letters_step('revive', gone, 'the transaction went on by itself');
	end if;
	update orderly.follower f
	set era = (batch.last).era, xid = (batch.last).xid, seq = (batch.last).seq, arrived = (batch.last).arrived
	where f.name = place.name;
	return batch.rows;
end
$$;
insert into orderly.follower (name) values ('dead_letters');
insert into orderly.duty (name, every_ms, budget) values ('dead_letters', 250, 2000), ('dead_letter_ages', 5000, 500);

-- Wakes what was put to sleep, and lets go of what nobody took up in the days that are set for its
-- data class (dead_letter in retention).
create function orderly.duty_dead_letter_ages(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	due bigint[];
	n int := 0;
begin
	update orderly.failure_group set snoozed_until = null where snoozed_until <= clock_timestamp();
	select array_agg(d.id) into due
	from (select l.id from orderly.dead_letter l where l.snoozed_until <= clock_timestamp() limit budget) d;
	if due is not null then
		n := orderly.dead_letters_step('wake', due);
	end if;
	select array_agg(d.id) into due
	from (select l.id
	      from orderly.retention r
	      join orderly.interface i on i.data_class = r.data_class
	      join orderly.dead_letter l on l.interface = i.id
	      where r.kind = 'dead_letter' and l.unresolved and l.at < now() - make_interval(days => r.days)
	        and orderly.act_next('dead_letter', 'expire', l.state) is not null
	      limit budget) d;
	if due is not null then
		n := n + orderly.dead_letters_step('expire', due, 'nobody took it up in time');
		perform orderly.audit_add('dead_letter_expire', 'dead_letter', null, 'done', null,
			jsonb_build_object('ids', due));
	end if;
	return n;
end
$$;

grant select on orderly.act_rule to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin;

-- What people read, they read within their scope (a CASE, as for transactions). A group belongs to its
-- interface.
alter table orderly.dead_letter enable row level security;
create policy dead_letter_read on orderly.dead_letter for select using (
	case when interface = any ((select orderly.my_interfaces())::int[])
	then facility is null or facility = any ((select orderly.my_facilities())::smallint[]) end);
alter table orderly.failure_group enable row level security;
create policy failure_group_read on orderly.failure_group for select using (
	case when interface = any ((select orderly.my_interfaces())::int[]) then true end);
alter table orderly.failure_trend enable row level security;
create policy failure_trend_read on orderly.failure_trend for select using (
	case when interface = any ((select orderly.my_interfaces())::int[]) then true end);
grant select on orderly.dead_letter, orderly.failure_group, orderly.failure_trend
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;

-- What must always hold of what this file lays; later files put theirs beside it. Judged in one
-- snapshot: what the follower has not come to yet is not held against it.
create function orderly.check_dead_letters() returns table (name text, ok bool, detail text)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	found text;
begin
	select string_agg(t.id::text, ', ') into found
	from (select t.id from orderly.transaction t
	      left join orderly.dead_letter l on l.id = t.id
	      where t.state = 'dead' and l.death is distinct from t.key::text
	        and not exists (select from orderly.lineage c where c.child = t.id)
	        and not exists (select from orderly.feed f, orderly.follower p
	                        where p.name = 'dead_letters' and f.transaction = t.id
	                          and (f.era, f.xid, f.seq) > (p.era, p.xid, p.seq))
	      limit 10) t;
	return query select 'each dead transaction has its dead letter', found is null, found;

	select string_agg(l.id::text, ', ') into found
	from (select l.id from orderly.dead_letter l left join orderly.transaction t on t.id = l.id
	      where t.id is null and l.unresolved limit 10) l;
	return query select 'each unresolved dead letter has its transaction', found is null, found;

	select string_agg(g.id::text, ', ') into found
	from (select g.id from orderly.failure_group g
	      left join (select l.failure_group, count(*) as total, count(*) filter (where l.unresolved) as unresolved,
	                        count(*) filter (where l.unresolved and l.owner is null) as unowned,
	                        sum(l.failed_again) as again
	                 from orderly.dead_letter l group by 1) c on c.failure_group = g.id
	      where (g.total, g.unresolved, g.unowned, g.failed_again)
	            <> (coalesce(c.total, 0), coalesce(c.unresolved, 0), coalesce(c.unowned, 0), coalesce(c.again, 0))
	      limit 10) g;
	return query select 'each failure group counts its dead letters', found is null, found;

	select string_agg(g.id::text, ', ') into found
	from (select g.id from orderly.failure_group g
	      where g.fingerprint <> orderly.fingerprint(g.interface, g.class, g.signature)
	         or g.unresolved = 0 and (g.owner is not null or g.snoozed_until is not null)
	      limit 10) g;
	return query select 'a failure group is what it says, and a closed one has no owner', found is null, found;
end
$$;
