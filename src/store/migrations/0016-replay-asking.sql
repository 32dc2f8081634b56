-- kind: transaction
-- Asking for replays: what was chosen is frozen into items and stages, and heads of ordering keys are found.

set local role orderly_{store}_owner;

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

grant execute on function orderly.replay_ask(bigint[], text, jsonb, jsonb),
	orderly.replay_ask_group(bigint, bigint, text, jsonb)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;
