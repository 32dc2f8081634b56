-- kind: transaction
-- Items in doubt and held: what people decide, what targets answer, what the duties do; and what must
-- always hold of replays.

set local role orderly_{store}_owner;

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
create function orderly.replay_sweep(request bigint, wait bool default true) returns void
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
		perform orderly.replay_settled(off, wait);
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

grant execute on function orderly.replay_resolve(bigint, text, text), orderly.replay_let(bigint, bool, text)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;
grant execute on function orderly.claim_checks(text, int), orderly.record_check(uuid, text, jsonb)
	to orderly_{store}_worker;

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
