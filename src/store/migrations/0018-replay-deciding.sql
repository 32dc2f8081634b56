-- kind: transaction
-- Decisions about replays, and what people do with one that was asked for: pause, resume, cancel, review.

set local role orderly_{store}_owner;

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

grant execute on function orderly.replay_decide(bigint, int, bool, int, text), orderly.replay_cancel(bigint, text),
	orderly.replay_pause(bigint, text), orderly.replay_resume(bigint, text), orderly.replay_review(bigint, bool, text)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;
