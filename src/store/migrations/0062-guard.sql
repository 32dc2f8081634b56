-- kind: transaction
-- Before something is replayed into Odoo, Odoo is asked whether it has it. Where the catalogue says how a
-- message is known there, an item is claimed only with a "not there" that is younger than guard.fresh_s (60 seconds) and
-- was asked for after the request was decided and after the item was last sent. Otherwise it is asked, once
-- for each item, which is passed over meanwhile.
--
-- "There" holds the item for a person, and so does "cannot tell": at once, or after guard.patience_s (120
-- seconds) where Odoo was away or busy. One that was sent before, and is there now, has arrived.

set local role orderly_{store}_owner;

alter table orderly.replay_item
	add column guarded_at timestamptz, -- since when it waits for Odoo's answer
	add column unguarded bool not null default false; -- a person let it go, whatever Odoo says
grant select (guarded_at, unguarded) on orderly.replay_item
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;

insert into orderly.act_rule (machine, act, state, becomes) values
	('replay_item', 'there', 'waiting', 'delivered'), -- it had arrived the first time
	('replay_item', 'there', 'held', 'delivered'); -- a person says so

-- Whether Odoo is asked: "check" has a model and a key, and the message goes into an Odoo, where what is
-- there has arrived; or "guard" says so, true or false. Of what comes from Odoo the record is there always.
create function orderly.guarded(endpoint jsonb, target text) returns bool
language sql stable
return coalesce(jsonb_typeof(endpoint #> '{check,model}') = 'string'
	and endpoint -> 'check' ?| array['external_id', 'reference', 'looks']
	and case jsonb_typeof(endpoint #> '{check,guard}') when 'boolean' then endpoint #> '{check,guard}' = 'true'
		else exists (select from orderly.system s where s.code = target and s.kind = 'odoo') end, false);

-- Whether the answer to a check says that the target has something: not where a message comes from Odoo and
-- its check only says which record belongs to it.
create function orderly.asks_target(endpoint jsonb, target text) returns bool
language sql stable
return coalesce(jsonb_typeof(endpoint -> 'check') = 'object' and (not endpoint -> 'check' ? 'model'
	or endpoint #> '{check,guard}' = 'true'
	or exists (select from orderly.system s where s.code = target and s.kind = 'odoo')), false);

-- As before, and of those alone.
create or replace function orderly.replay_check_want(ids bigint[], within interval default '1 minute') returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	n int;
begin
	insert into orderly.replay_check as c (dead_letter)
	select l.id from orderly.dead_letter l join orderly.interface f on f.id = l.interface
	where l.id = any (ids) and orderly.asks_target(f.endpoint, f.target)
	order by l.id
	on conflict (dead_letter) do update
	set asked_at = clock_timestamp(), token = null, token_until = null
	where c.answered_at >= c.asked_at and c.answered_at < clock_timestamp() - within;
	get diagnostics n = row_count;
	return n;
end
$$;

-- The moment after which Odoo must have been asked.
create function orderly.guard_floor(i orderly.replay_item) returns timestamptz
language sql stable
return (select greatest(coalesce(q.approved_at, q.asked_at), i.sending_at)
        from orderly.replay_request q where q.id = i.request);

-- Of these items, which are locked, those that Odoo does not keep from going. The others are asked about;
-- an answer wakes its item. What cannot go for another reason is not asked about.
create function orderly.guard_pass(ids bigint[]) returns bigint[]
language plpgsql
set enable_sort = on
set enable_bitmapscan = on
as $$
declare
	guarded bigint[];
	waiting bigint[];
	late bigint[];
	fresh interval;
begin
	select array_agg(i.id) into guarded
	from orderly.replay_item i join orderly.interface f on f.id = i.interface
	where i.id = any (ids) and not i.unguarded and orderly.guarded(f.endpoint, f.target);
	if guarded is null then
		return ids;
	end if;
	fresh := make_interval(secs => greatest(orderly.setting_int('guard.fresh_s', 60), 1));
	select array_agg(i.id), array_agg(i.dead_letter order by i.dead_letter) filter (where c.dead_letter is null
		or c.asked_at < orderly.guard_floor(i) or c.answered_at >= c.asked_at)
	into waiting, late
	from orderly.replay_item i
	join orderly.replay_judged(guarded) j on j.id = i.id
	left join orderly.replay_check c on c.dead_letter = i.dead_letter
	where j.verdict = 'go' and not coalesce(c.answer = 'absent' and c.asked_at >= orderly.guard_floor(i)
		and c.answered_at >= c.asked_at and c.answered_at > clock_timestamp() - fresh, false);
	update orderly.replay_item i set guarded_at = null
	where i.id = any (guarded) and i.guarded_at is not null and i.id <> all (coalesce(waiting, '{}'));
	if waiting is null then
		return ids;
	end if;
	update orderly.replay_item i
	set guarded_at = coalesce(i.guarded_at, clock_timestamp()), next_try_at = clock_timestamp() + interval '5 seconds'
	where i.id = any (waiting);
	insert into orderly.replay_check as c (dead_letter) select l from unnest(late) l
	on conflict (dead_letter) do update
	set asked_at = clock_timestamp(), token = null, token_until = null;
	return array(select n from unnest(ids) n where n <> all (waiting));
end
$$;

-- As before; and what Odoo keeps from going is not among them.
create or replace function orderly.replay_queue(requests bigint[], interfaces int[], want int) returns bigint[]
language plpgsql
set enable_sort = off
set enable_bitmapscan = off
as $$
begin
	return orderly.guard_pass((
		select array_agg(w.id)
		from (
			select t.id from orderly.replay_item t
			where t.state = 'waiting' and t.go and t.head and t.next_try_at <= clock_timestamp()
			  and t.request = any (requests) and t.interface = any (interfaces)
			  and t.stage <= (select q.stage from orderly.replay_request q where q.id = t.request)
			order by t.dead_letter
			limit want
			for update of t skip locked) w));
end
$$;

-- What an answer means for an item that waits for it; nothing where it does not.
create function orderly.guard_answer(i orderly.replay_item, c orderly.replay_check, answer text, detail jsonb)
returns text
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	patience interval;
begin
	if i.state is distinct from 'waiting' or not i.go or i.guarded_at is null or i.unguarded
	   or c.asked_at < orderly.guard_floor(i) then
		return null;
	elsif answer = 'absent' then
		return 'go';
	elsif answer = 'present' then
		return case when i.sends > 0 then 'there' else 'hold' end;
	end if;
	patience := make_interval(secs => greatest(orderly.setting_int('guard.patience_s', 120), 0));
	return case when detail ->> 'class' in ('unreachable', 'timeout', 'busy', 'fault', 'garbled')
		and i.guarded_at > clock_timestamp() - patience then 'wait' else 'hold' end;
end
$$;

-- For people: which record it is, or why Odoo cannot tell.
create function orderly.guard_words(interface int, answer text, detail jsonb) returns text
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	words constant text := left(case answer
		when 'present' then concat_ws(' ', 'Odoo has it:', detail ->> 'model',
			(select string_agg(r, ', ') from jsonb_array_elements_text(case jsonb_typeof(detail -> 'ids') when 'array'
				then detail -> 'ids' end) r), '(' || (detail ->> 'by') || ')')
		else 'Odoo cannot tell: ' || coalesce(detail ->> 'why', 'it gave no reason') end, 1000);
begin
	return case when guard_words.interface = any (orderly.mask_wanted('error'))
		then orderly.mask_value(guard_words.interface, 'error', words) else words end;
end
$$;

-- As before: what is in doubt is settled. And what waits for this answer goes, is held, or has arrived.
create or replace function orderly.record_check(token uuid, answer text, detail jsonb default null) returns bool
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	c orderly.replay_check;
	i orderly.replay_item;
	act text;
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
	act := case when i.state = 'in_doubt' then case answer when 'present' then 'present' when 'absent' then 'again' end
		else orderly.guard_answer(i, c, answer, detail) end;
	if act in ('go', 'wait') then
		update orderly.replay_item t
		set next_try_at = case act when 'go' then '-infinity' else clock_timestamp() + interval '10 seconds' end,
			text = case when act = 'wait' then orderly.guard_words(t.interface, answer, detail)
				when t.text ^@ 'Odoo cannot tell: ' then null else t.text end
		where t.id = i.id;
		perform pg_notify('orderly', 'replay');
	elsif act is not null then
		update orderly.replay_item t
		set state = orderly.act_next('replay_item', act, t.state),
			outcome = case when act <> 'again' then answer end, lease = null, lease_until = null,
			head = t.head and act not in ('present', 'there'), next_try_at = '-infinity',
			text = case act when 'hold' then orderly.guard_words(t.interface, answer, detail) else t.text end,
			settled_at = case when act in ('present', 'there') then clock_timestamp() end
		where t.id = i.id;
		perform orderly.replay_settled(array[i.id]);
		perform orderly.audit_add('replay_answer', 'replay_item', i.id::text, 'done', null,
			jsonb_build_object('answer', answer, 'detail', detail));
	end if;
	return true;
end
$$;

-- As before; an item that is held since Odoo has it, or cannot tell, can be found to be there.
create or replace function orderly.replay_resolve(item bigint, outcome text, reason text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(case when outcome = 'again' then array['approver'] else array['operator', 'approver'] end);
	r orderly.replay_request;
	i orderly.replay_item;
	why text := who.code;
	guarded bool;
begin
	if why is null then
		select q.* into r from orderly.replay_item t join orderly.replay_request q on q.id = t.request
		where t.id = item for update of q;
		select * into i from orderly.replay_item t where t.id = item for update;
		guarded := i.state = 'held' and i.outcome in ('present', 'unknown') and outcome = 'delivered';
		why := case
			when i.id is null or not orderly.in_scope(i.interface, i.facility) then 'not_found'
			when outcome is null or outcome not in ('delivered', 'failed', 'again') then 'outcome'
			when not orderly.has_reason(reason) then 'reason'
			when guarded then null
			when i.state <> 'in_doubt' or orderly.act_next('replay_item', outcome, i.state) is null then 'state'
			when outcome = 'again' and r.asker = who.person then 'own_replay'
			when outcome = 'again' and r.state in ('cancelled', 'done') then 'not_running' end;
	end if;
	if why is not null then
		return orderly.refuse('replay_resolve', 'replay_item', item::text, why, reason, jsonb_build_object('outcome', outcome));
	end if;
	update orderly.replay_item t
	set state = orderly.act_next('replay_item', case when guarded then 'there' else replay_resolve.outcome end, t.state),
		outcome = case when guarded then 'present' when replay_resolve.outcome <> 'again'
			then 'person:' || replay_resolve.outcome end,
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

-- An item that is held: a later one of its order was delivered, or Odoo has it or cannot tell. An approver
-- who did not ask for it lets it go all the same, or has it left out.
create or replace function orderly.replay_let(item bigint, pass bool, reason text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['approver']);
	r orderly.replay_request;
	i orderly.replay_item;
	why text := who.code;
	guarded bool;
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
	guarded := coalesce(i.outcome in ('present', 'unknown'), false);
	update orderly.replay_item t
	set state = orderly.act_next('replay_item', case when pass then 'release' else 'refuse' end, t.state),
		waived = case when guarded then t.waived else pass end, unguarded = t.unguarded or guarded and pass,
		behind = null, head = t.head and pass, next_try_at = '-infinity',
		outcome = case when not pass then case when guarded then t.outcome else 'overtaken' end end,
		settled_at = case when not pass then clock_timestamp() end
	where t.id = i.id;
	if not pass then
		perform orderly.replay_settled(array[i.id]);
	end if;
	perform pg_notify('orderly', 'replay');
	return orderly.done('replay_let', 'replay_item', item::text, r.id, reason,
		jsonb_build_object('pass', pass, 'held_for', coalesce(i.outcome, 'overtaken')));
end
$$;

-- As before; of an item that is to be sent edited, by what would be sent.
create or replace function orderly.odoo_check(token uuid) returns jsonb
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	c record;
	terms jsonb;
begin
	if orderly.gate_machine('worker') is not null then
		return null;
	end if;
	select k.dead_letter as id, l.born, f.code, m.message_id, f.endpoint -> 'check' as how, i.idempotency_key,
		p.headers, case when e.item is null then p.body else e.body end as body,
		case when e.item is null then p.content_type else e.content_type end as content_type
	into c
	from orderly.replay_check k
	join orderly.dead_letter l on l.id = k.dead_letter
	join orderly.interface f on f.id = l.interface
	join orderly.message m on m.id = l.id
	left join lateral orderly.replay_payload(l.id, l.born) p on true
	left join orderly.replay_item i on i.dead_letter = l.id and i.live
	left join lateral (select * from orderly.replay_edit v where v.item = i.id order by v.revision desc limit 1) e on true
	where k.token = odoo_check.token;
	if c.id is null or jsonb_typeof(c.how -> 'model') is distinct from 'string' then
		return null;
	end if;
	terms := orderly.message_terms(c.id);
	if orderly.odoo_places(c.how) @> array['idempotency_key'] then
		terms := terms || jsonb_build_object('idempotency_key', coalesce(c.idempotency_key, orderly.replay_key(c.id, c.born,
			c.code, c.message_id, orderly.payload_digest(c.content_type, c.headers, c.body))));
	end if;
	return orderly.odoo_question(c.how,
		orderly.payload_terms(c.body, c.content_type, orderly.odoo_places(c.how)) || terms);
end
$$;
