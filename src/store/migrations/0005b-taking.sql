-- part
-- Putting what was read under its transaction, in one statement: the fold, the feed, the counters.

-- An event whose key was there already.
create type orderly.seen as (
	n int,
	born date,
	transaction bigint,
	key bytea,
	digest bigint,
	interface int
);

-- The era in which the cluster is now. A new one begins where the system identifier or the timeline
-- is not that of the last.
create function orderly.era_now() returns smallint
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	live record;
	last orderly.era;
begin
	select system_identifier as system,
		('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int as timeline
	into live from pg_control_system();
	select * into last from orderly.era order by id desc limit 1;
	if last.system = live.system and last.timeline = live.timeline then
		return last.id;
	end if;
	lock table orderly.era in share row exclusive mode;
	select * into last from orderly.era order by id desc limit 1;
	if last.system is distinct from live.system or last.timeline <> live.timeline then
		insert into orderly.era (id, code, system, timeline)
		values (coalesce(last.id, 0) + 1,
		        to_hex(live.system) || '.' || live.timeline || '.'
		        || to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint),
		        live.system, live.timeline)
		returning * into last;
	end if;
	return last.id;
end
$$;

-- A slot of the counters that no other writer holds until we commit.
create function orderly.slot() returns smallint
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	for slot in 0..15 loop
		if pg_try_advisory_xact_lock(760117, slot) then
			return slot;
		end if;
	end loop;
	return pg_backend_pid() % 16;
end
$$;

-- Whether the first event decides over the second. A null second is none.
create function orderly.later(attempt int, rank smallint, at timestamptz, key bytea, attempt2 int,
                              rank2 smallint, at2 timestamptz, key2 bytea) returns bool
language sql immutable parallel safe
return case when attempt2 is null then attempt is not null
	else (attempt, rank, at, key) > (attempt2, rank2, at2, key2) end;

-- Stores what was read, all at once. Everything happens in one statement, in the order of its parts:
-- each part reads the one before. What a part cannot know (another writer has just committed it) it
-- learns from ON CONFLICT.
create function orderly.take(events orderly.parsed[], raw bytea[], out taken int, out repeated int,
                             out rejected int)
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
-- The planner knows nothing of the array, and would compare each event with each.
set enable_nestloop = off
set jit = off
set work_mem = '32MB'
as $$
#variable_conflict use_column
declare
	now_at constant timestamptz := clock_timestamp();
	today constant date := (now_at at time zone 'UTC')::date;
	tick constant timestamptz := date_bin('5 minutes', now_at, timestamptz 'epoch');
	week constant bigint := orderly.feed_week(now_at) * 10000000000000;
	era_id constant smallint := orderly.era_now();
	me constant xid8 := pg_current_xact_id();
	my_slot constant smallint := orderly.slot();
	again orderly.seen[];
begin
	with source as materialized (
		select p.*, i.id as interface_id, f.id as facility_id, q.id as partner_id, r.rank, r.state,
			case when p.partner is not null and q.id is null
				then coalesce(p.more, '{}') || jsonb_build_object('partner', p.partner) else p.more end as besides,
			coalesce(p.refusal, case
				when i.id is null then 'unknown_interface'
				when r.rank is null then 'unknown_kind'
				when p.class is not null and c.code is null then 'unknown_class'
				when p.facility is not null and f.id is null then 'unknown_facility'
			end) as refused
		from unnest(events) p
		left join orderly.interface i on i.code = p.interface
		left join orderly.event_rule r on r.kind = p.kind and r.success = i.success
		left join orderly.error_class c on c.code = p.class
		left join orderly.facility f on f.code = p.facility
		left join orderly.partner q on q.code = p.partner
	),
	refused as (
		insert into orderly.reject as t (arrived, last_at, login, interface, code, reason, size, digest, raw)
		select now_at, now_at, session_user, s.interface_id, s.refused,
			left(concat_ws(': ', k.title, coalesce(s.detail, case s.refused
				when 'unknown_interface' then s.interface
				when 'unknown_kind' then s.kind
				when 'unknown_class' then s.class
				when 'unknown_facility' then s.facility end)), 400),
			octet_length(s.raw), s.raw_digest, s.raw
		from (select distinct on (b.raw_digest, s.refused) s.*, b.raw, b.raw_digest
		      from source s
		      cross join lateral (select coalesce(raw[s.n], '') as raw,
		                                 sha256(coalesce(raw[s.n], '')) as raw_digest) b
		      where s.refused is not null
		      order by b.raw_digest, s.refused) s
		left join orderly.reject_code k on k.code = s.refused
		on conflict (digest, code) do update set times = t.times + 1, last_at = excluded.last_at
		returning 1
	),
	-- what the array says of each message, and what the registry knows already
	told as materialized (
		select s.*, m.id, m.born, m.facility as facility_was,
			m.id is null
			or (least(s.facility, m.facility), least(s.partner, m.partner),
			    least(s.correlation, m.correlation), least(s.parent, m.parent),
			    least(s.business_key, m.business_key), least(s.entity, m.entity),
			    least(s.partner_ref, m.partner_ref), least(s.ordering_key, m.ordering_key))
			is distinct from (m.facility, m.partner, m.correlation, m.parent, m.business_key, m.entity,
			                  m.partner_ref, m.ordering_key) as news
		from (
			select interface_id, message_id collate "C" as message_id, min(facility_id) as facility,
				min(partner_id) as partner, min(correlation collate "C") as correlation,
				min(parent collate "C") as parent, min(business_key collate "C") as business_key,
				min(entity collate "C") as entity, min(partner_ref collate "C") as partner_ref,
				min(ordering_key collate "C") as ordering_key
			from source
			where refused is null
			group by 1, 2
		) s
		left join lateral (select * from orderly.message m
		                   where m.interface = s.interface_id and m.message_id = s.message_id
		                   limit 1) m on true
	),
	registered as (
		insert into orderly.message as m (interface, message_id, born, facility, partner, correlation,
			parent, business_key, entity, partner_ref, ordering_key, message_norm, correlation_norm,
			business_norm, partner_norm)
		select interface_id, message_id, today, facility, partner, correlation, parent, business_key,
			entity, partner_ref, ordering_key, orderly.norm(message_id), orderly.norm(correlation),
			orderly.norm(business_key), orderly.norm(partner_ref)
		from told
		where news
		order by interface_id, message_id
		on conflict (interface, message_id) do update set
			facility = least(m.facility, excluded.facility),
			partner = least(m.partner, excluded.partner),
			correlation = least(m.correlation, excluded.correlation),
			parent = least(m.parent, excluded.parent),
			business_key = least(m.business_key, excluded.business_key),
			entity = least(m.entity, excluded.entity),
			partner_ref = least(m.partner_ref, excluded.partner_ref),
			ordering_key = least(m.ordering_key, excluded.ordering_key),
			correlation_norm = orderly.norm(least(m.correlation, excluded.correlation)),
			business_norm = orderly.norm(least(m.business_key, excluded.business_key)),
			partner_norm = orderly.norm(least(m.partner_ref, excluded.partner_ref))
		returning m.id, m.interface, m.message_id, m.born, m.facility
	),
	-- sorted by (id, key) on the way, and so written in that order
	placed as materialized (
		select s.n, coalesce(r.id, t.id) as id, coalesce(r.born, t.born) as born,
			coalesce(r.facility, t.facility_was) as facility_now,
			row_number() over (partition by coalesce(r.id, t.id), s.key order by s.n) = 1 as first,
			s.key, s.digest, s.interface_id, s.facility_id, s.partner_id, s.rank, s.state,
			s.kind, s.at, s.attempt, s.stage, s.component, s.duration_ms, s.http_status, s.native_state,
			s.class, s.code, s.text, s.trace_id, s.span_id, s.due_at, s.idempotency_key, s.target_model,
			s.target_ref, s.event_id, s.compensates
		from source s
		join told t on t.interface_id = s.interface_id and t.message_id = s.message_id
		left join registered r on r.interface = t.interface_id and r.message_id = t.message_id
		where s.refused is null
	),
	written as (
		insert into orderly.event (born, transaction, key, interface, facility, arrived, at, kind, attempt,
			digest, duration_ms, http_status, due_at, stage, component, native_state, class, code, text,
			trace_id, span_id, idempotency_key, target_model, target_ref, event_id, compensates)
		select born, id, key, interface_id, facility_id, now_at, at, kind, attempt, digest, duration_ms,
			http_status, due_at, stage, component, native_state, class, code, text, trace_id, span_id,
			idempotency_key, target_model, target_ref, event_id, compensates
		from placed
		where first
		on conflict (transaction, key, born) do nothing
		returning transaction, key
	),
	fresh as materialized (
		select p.n, p.id, p.born, p.key, p.interface_id, p.facility_now, p.partner_id, p.at, p.kind,
			p.attempt, p.rank, p.state, p.due_at, p.native_state, p.class, p.code, left(p.text, 500) as text,
			p.kind in ('failed', 'dead', 'retry_scheduled')
				and coalesce(p.class, p.code, p.text) is not null as fails
		from placed p
		join written w on w.transaction = p.id and w.key = p.key
		where p.first
	),
	kept as (
		insert into orderly.payload (born, transaction, key, interface, facility, arrived, kind, content_type,
			headers, body, more)
		select f.born, f.id, f.key, s.interface_id, s.facility_id, now_at, s.payload_kind, s.content_type,
			orderly.headers_clean(s.headers), s.body, s.besides
		from fresh f
		join source s on s.n = f.n
		where s.body is not null or s.headers is not null or s.besides is not null
		order by f.id, f.key
		returning transaction, key, born
	),
	to_mask as (
		insert into orderly.mask_pending (transaction, key, born)
		select transaction, key, born from kept
		on conflict do nothing
	),
	fed as (
		insert into orderly.feed (era, xid, seq, arrived, at, transaction, key, interface, partner, attempt,
			facility, kind, state, class, text)
		select era_id, me, week + nextval('orderly.feed_seq'), now_at, at, id, key, interface_id, partner_id,
			attempt, facility_now, kind, state, class, left(text, 200)
		from (select * from fresh order by n) f
	),
	ranked as (
		select f.*,
			row_number() over (partition by id order by rank > 0 desc, attempt desc, rank desc, at desc, key desc)
				as nth,
			row_number() over (partition by id order by fails desc, attempt desc, rank desc, at desc, key desc)
				as nth_failure,
			count(*) over whole as events,
			count(*) filter (where kind = 'failed') over whole as failures,
			min(at) over whole as first_at,
			max(at) over whole as last_at,
			max(due_at) over whole as due,
			min(at) filter (where kind = 'overdue') over whole as overdue
		from fresh f
		window whole as (partition by id)
	),
	folded as (
		insert into orderly.transaction as t (id, interface, born, facility, state, attempt, rank, at, key,
			first_at, last_at, due_at, overdue_at, events, failures, fail_attempt, fail_rank, fail_at,
			fail_key, native_state, class, code, text)
		select r.id, r.interface_id, r.born, r.facility_now, coalesce(r.state, 'waiting'),
			case when r.rank > 0 then r.attempt else 0 end, r.rank,
			case when r.rank > 0 then r.at else '-infinity' end,
			case when r.rank > 0 then r.key else '' end,
			r.first_at, r.last_at, r.due, r.overdue, r.events, r.failures,
			x.attempt, x.rank, x.at, x.key,
			case when r.rank > 0 then r.native_state end, x.class, x.code, x.text
		from ranked r
		left join ranked x on x.id = r.id and x.nth_failure = 1 and x.fails
		where r.nth = 1
		order by r.id
		on conflict (id) do update set
			was = t.state,
			facility = least(t.facility, excluded.facility),
			state = case when orderly.later(excluded.attempt, excluded.rank, excluded.at, excluded.key,
				t.attempt, t.rank, t.at, t.key) then excluded.state else t.state end,
			native_state = case when orderly.later(excluded.attempt, excluded.rank, excluded.at, excluded.key,
				t.attempt, t.rank, t.at, t.key) then excluded.native_state else t.native_state end,
			attempt = greatest(t.attempt, excluded.attempt),
			rank = case when orderly.later(excluded.attempt, excluded.rank, excluded.at, excluded.key,
				t.attempt, t.rank, t.at, t.key) then excluded.rank else t.rank end,
			at = case when orderly.later(excluded.attempt, excluded.rank, excluded.at, excluded.key,
				t.attempt, t.rank, t.at, t.key) then excluded.at else t.at end,
			key = case when orderly.later(excluded.attempt, excluded.rank, excluded.at, excluded.key,
				t.attempt, t.rank, t.at, t.key) then excluded.key else t.key end,
			first_at = least(t.first_at, excluded.first_at),
			last_at = greatest(t.last_at, excluded.last_at),
			due_at = greatest(t.due_at, excluded.due_at),
			overdue_at = least(t.overdue_at, excluded.overdue_at),
			events = t.events + excluded.events,
			failures = t.failures + excluded.failures,
			fail_attempt = case when orderly.later(excluded.fail_attempt, excluded.fail_rank, excluded.fail_at, excluded.fail_key,
				t.fail_attempt, t.fail_rank, t.fail_at, t.fail_key) then excluded.fail_attempt else t.fail_attempt end,
			fail_rank = case when orderly.later(excluded.fail_attempt, excluded.fail_rank, excluded.fail_at, excluded.fail_key,
				t.fail_attempt, t.fail_rank, t.fail_at, t.fail_key) then excluded.fail_rank else t.fail_rank end,
			fail_at = case when orderly.later(excluded.fail_attempt, excluded.fail_rank, excluded.fail_at, excluded.fail_key,
				t.fail_attempt, t.fail_rank, t.fail_at, t.fail_key) then excluded.fail_at else t.fail_at end,
			fail_key = case when orderly.later(excluded.fail_attempt, excluded.fail_rank, excluded.fail_at, excluded.fail_key,
				t.fail_attempt, t.fail_rank, t.fail_at, t.fail_key) then excluded.fail_key else t.fail_key end,
			class = case when orderly.later(excluded.fail_attempt, excluded.fail_rank, excluded.fail_at, excluded.fail_key,
				t.fail_attempt, t.fail_rank, t.fail_at, t.fail_key) then excluded.class else t.class end,
			code = case when orderly.later(excluded.fail_attempt, excluded.fail_rank, excluded.fail_at, excluded.fail_key,
				t.fail_attempt, t.fail_rank, t.fail_at, t.fail_key) then excluded.code else t.code end,
			text = case when orderly.later(excluded.fail_attempt, excluded.fail_rank, excluded.fail_at, excluded.fail_key,
				t.fail_attempt, t.fail_rank, t.fail_at, t.fail_key) then excluded.text else t.text end
		returning t.interface, t.was, t.state, t.first_at, t.at
	),
	steps as (
		-- every change of a state, and every event, as a step of the counters
		select interface, was as state, -1 as step, null::timestamptz as at, 0 as events from folded
		where was is distinct from state and was is not null
		union all
		select interface, state, 1, at, 0 from folded where was is distinct from state
		union all
		select interface, 'born', 1, first_at, 0 from folded where was is null
		union all
		select interface_id, case when kind = 'failed' then 'failed' end, 1, at, 1 from fresh
	),
	gauged as (
		insert into orderly.gauge as g (interface, slot, waiting, running, retrying, dead, done, filtered,
			cancelled, events, last_at)
		select interface, my_slot,
			coalesce(sum(step) filter (where state = 'waiting'), 0),
			coalesce(sum(step) filter (where state = 'running'), 0),
			coalesce(sum(step) filter (where state = 'retrying'), 0),
			coalesce(sum(step) filter (where state = 'dead'), 0),
			coalesce(sum(step) filter (where state = 'done'), 0),
			coalesce(sum(step) filter (where state = 'filtered'), 0),
			coalesce(sum(step) filter (where state = 'cancelled'), 0),
			sum(events), max(at) filter (where at <= now_at)
		from steps
		group by interface
		order by interface
		on conflict (interface, slot) do update set
			waiting = g.waiting + excluded.waiting,
			running = g.running + excluded.running,
			retrying = g.retrying + excluded.retrying,
			dead = g.dead + excluded.dead,
			done = g.done + excluded.done,
			filtered = g.filtered + excluded.filtered,
			cancelled = g.cancelled + excluded.cancelled,
			events = g.events + excluded.events,
			last_at = greatest(g.last_at, excluded.last_at)
		returning 1
	),
	pulsed as (
		insert into orderly.pulse as b (bucket, interface, slot, born, done, dead, failed)
		select date_bin('5 minutes', at, timestamptz 'epoch'), interface, my_slot,
			count(*) filter (where state = 'born'),
			count(*) filter (where state = 'done' and step = 1),
			count(*) filter (where state = 'dead' and step = 1),
			count(*) filter (where state = 'failed')
		from steps
		where at >= tick - interval '70 minutes' and at < tick + interval '10 minutes'
			and state in ('born', 'done', 'dead', 'failed')
		group by 1, 2
		order by 1, 2
		on conflict (bucket, interface, slot) do update set
			born = b.born + excluded.born,
			done = b.done + excluded.done,
			dead = b.dead + excluded.dead,
			failed = b.failed + excluded.failed
		returning 1
	)
	select (select count(*) from fresh), (select count(*) from source where refused is not null),
		(select array_agg(row (p.n, p.born, p.id, p.key, p.digest, p.interface_id)::orderly.seen)
		 from placed p
		 left join fresh f on f.n = p.n
		 where f.n is null)
	into taken, rejected, again;

	repeated := coalesce(cardinality(again), 0);
	if repeated > 0 then
		repeated := repeated - orderly.take_other(again, raw, now_at);
		rejected := rejected + coalesce(cardinality(again), 0) - repeated;
	end if;
end
$$;

-- Of events whose key was there already: the same content is a repeat, another is refused.
create function orderly.take_other(again orderly.seen[], raw bytea[], now_at timestamptz) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
set plan_cache_mode = force_custom_plan -- one birth day at a time, so that only its partition is opened
as $$
declare
	day date;
	n int;
	total int := 0;
begin
	for day in select distinct a.born from unnest(again) a loop
		insert into orderly.reject as t (arrived, last_at, login, interface, code, reason, size, digest, raw)
		select distinct on (sha256(raw[a.n])) now_at, now_at, session_user, a.interface, 'other_content',
			(select k.title from orderly.reject_code k where k.code = 'other_content'),
			octet_length(raw[a.n]), sha256(raw[a.n]), raw[a.n]
		from unnest(again) a
		cross join lateral (select e.digest from orderly.event e
		                    where e.born = day and e.transaction = a.transaction and e.key = a.key
		                    limit 1) e
		where a.born = day and e.digest <> a.digest
		order by sha256(raw[a.n])
		on conflict (digest, code) do update set times = t.times + 1, last_at = excluded.last_at;
		get diagnostics n = row_count;
		total := total + n;
	end loop;
	return total;
end
$$;
