-- kind: transaction
-- Outcomes are told while items are marked: the two lock a request so that they need not wait for each other.
-- An id that is out of scope is counted. Records are compared with what was read of their message once.

set local role orderly_{store}_owner;

-- The durable mark: from its commit on the store takes it that something may have reached the target.
-- Send only those for which go is true, and only after the commit.
create or replace function orderly.mark_sending(leases uuid[]) returns table (lease uuid, item bigint, go bool, code text)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	blocked text := orderly.gate_machine('worker');
begin
	-- A person's pause or cancel that is under way is waited for; outcomes that are being told are not, since
	-- they lock without the key.
	perform from orderly.replay_request q
	where q.id in (select t.request from orderly.replay_item t where t.lease = any (leases))
	order by q.id for key share;
	perform from orderly.replay_item t where t.lease = any (leases) order by t.id for update;
	return query
	with judged as materialized (
		select u.lease, t.id, case
			when blocked is not null then blocked
			when t.id is null or t.lease_until <= clock_timestamp() then 'lease'
			when a.becomes is null then 'state'
			when q.state <> 'running' then 'not_running' end as code
		from (select distinct n as lease from unnest(leases) n) u
		left join orderly.replay_item t on t.lease = u.lease
		left join orderly.replay_request q on q.id = t.request
		left join orderly.act_rule a on a.machine = 'replay_item' and a.act = 'send' and a.state = t.state
	),
	marked as (
		update orderly.replay_item t
		set state = a.becomes,
			sending_at = case when j.code is null then clock_timestamp() else t.sending_at end,
			sends = t.sends + (j.code is null)::int,
			lease = case when j.code is null then t.lease end
		from judged j, orderly.act_rule a
		where t.id = j.id and (j.code is null or j.code = 'not_running') and a.machine = 'replay_item'
		  and a.act = case when j.code is null then 'send' else 'give_back' end and a.state = t.state
		returning t.id)
	select j.lease, j.id, j.code is null, coalesce(j.code, 'done')
	from judged j left join marked k on k.id = j.id;
end
$$;

-- Moves a request on: to its next stage, to its end, or to a stop when too many failed. What waits
-- behind something that failed or is in doubt counts as settled, or a stage would never end.
create or replace function orderly.replay_progress(request bigint, wait bool default true) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	r orderly.replay_request;
	s orderly.replay_stage;
	stuck int;
begin
	if wait then
		select * into r from orderly.replay_request q where q.id = replay_progress.request for no key update;
	else
		select * into r from orderly.replay_request q where q.id = replay_progress.request for no key update skip locked;
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

-- How many messages outside of the caller's scope have exactly this id, counted up to a hundred: who was
-- given an id is told that it exists elsewhere. Parts of ids are not answered, so none can be guessed.
create or replace function orderly.ids_hidden(id text) returns int
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select count(*)::int
	from (
		select from orderly.message m
		where (m.message_norm = orderly.norm(ids_hidden.id) or m.correlation_norm = orderly.norm(ids_hidden.id)
		       or m.business_norm = orderly.norm(ids_hidden.id) or m.partner_norm = orderly.norm(ids_hidden.id))
		  and (m.interface <> all ((select orderly.my_interfaces())::int[])
		       or m.facility <> all ((select orderly.my_facilities())::smallint[]))
		limit 100) h;
end;
grant execute on function orderly.ids_hidden(text) to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver;

drop function if exists orderly.reconcile_differs(orderly.reconcile, jsonb, bigint, date, jsonb);

-- The fields of the mapping in which a record differs from the message.
create or replace function orderly.reconcile_differs(types jsonb, mapped jsonb, terms jsonb, fields jsonb) returns text[]
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return array(select m.key from jsonb_each_text(mapped) m
		where types ? m.key and orderly.odoo_same(types ->> m.key, orderly.fill(m.value, terms), fields -> m.key)
			in ('different', 'missing')
		order by m.key);
end
$$;

-- Looks for the next messages among what was read.
create or replace function orderly.reconcile_match(r orderly.reconcile, budget int) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
set plan_cache_mode = force_custom_plan
set enable_seqscan = off -- the table beside was filled a moment ago: nothing is known of it yet
set enable_hashjoin = off
as $$
declare
	places constant text[] := orderly.odoo_places(r.how #> '{reference}');
	simple constant bool := not places && array(select p from unnest(places) p where p ~ '^[/<]|-[0-9]|^column');
	mapped constant jsonb := coalesce(r.how -> 'fields', '{}');
	mapped_places constant text[] := orderly.odoo_places(mapped);
	c record;
begin
	with now_at as materialized (
		select t.id, t.born, t.facility, t.state, k.key, orderly.norm(k.key) as norm, f.records, f.fields
		from (select * from orderly.transaction t where t.interface = r.interface and t.id > r.place and t.id <= r.high
		      order by t.id limit budget) t
		cross join lateral (select orderly.fill(r.how #>> '{reference,value}', case when simple then orderly.message_terms(t.id)
			else orderly.message_terms(t.id) || coalesce((select orderly.payload_terms(p.body, p.content_type, places)
				from orderly.replay_payload(t.id, t.born) p), '{}') end) as key) k
		left join lateral (select array_agg(o.record order by o.record) as records,
				(array_agg(o.fields order by o.record))[1] as fields
			from orderly.reconcile_record o where o.run = r.id and o.key = orderly.norm(k.key)) f on true
	),
	judged as materialized (
		select w.*, case when w.records is null then 'missing' when cardinality(w.records) > 1 then 'duplicate'
			when d.fields <> '{}' then 'different' end as kind, d.fields as differs
		from now_at w
		left join lateral (
			select orderly.reconcile_differs(r.types, mapped, orderly.message_terms(w.id) || coalesce((
				select orderly.payload_terms(p.body, p.content_type, mapped_places)
				from orderly.replay_payload(w.id, w.born) p), '{}'), w.fields) as fields
			where cardinality(w.records) = 1 and w.state = 'done' and mapped <> '{}') d on true
	),
	marked as (
		update orderly.reconcile_record o set found = true
		where o.run = r.id and not o.found and o.record in (select unnest(w.records) from now_at w)
	),
	kept as (
		insert into orderly.reconcile_finding as f (run, interface, facility, kind, key, norm, transaction, records, fields, sure)
		select r.id, r.interface, j.facility, j.kind, j.key, j.norm, j.id, coalesce(j.records, '{}'),
			coalesce(j.differs, '{}'), j.kind <> 'missing'
		from judged j
		where j.kind is not null and j.norm <> '' and (j.state = 'done' or j.state = 'dead' and j.kind = 'missing')
		order by j.id
		on conflict (run, norm) where kind = 'duplicate' do nothing
		returning f.kind
	)
	select max(w.id) as upto, count(*) as n,
		count(*) filter (where w.norm <> '' and w.records is null and w.state in ('waiting', 'running', 'retrying')) as waiting,
		count(*) filter (where cardinality(w.records) = 1) as one,
		(select count(*) from kept where kind = 'missing') as missing,
		(select count(*) from kept where kind = 'duplicate') as duplicate,
		(select count(*) from kept where kind = 'different') as different
	into c
	from now_at w;
	if c.n = 0 then
		update orderly.reconcile q set phase = 'confirm', place = 0 where q.id = r.id;
		return;
	end if;
	update orderly.reconcile q
	set place = c.upto, looked = q.looked + c.n, waiting = q.waiting + c.waiting, same = q.same + c.one - c.different,
		missing = q.missing + c.missing, duplicate = q.duplicate + c.duplicate, different = q.different + c.different
	where q.id = r.id;
end
$$;
