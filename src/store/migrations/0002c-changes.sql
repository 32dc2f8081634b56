-- part
-- Changes: proposed by one person, decided by another, withdrawn, rolled back.

-- Freezes a proposal that has been found sound. The caller has passed the gate.
create function orderly.change_freeze(act text, who int, items jsonb, reason text, undoes bigint)
returns orderly.result
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	new_id bigint;
	problems jsonb := orderly.catalogue_apply(items, null, null);
begin
	if problems <> '[]' then
		return orderly.refuse(act, 'change', null, 'invalid', reason, jsonb_build_object('problems', problems));
	end if;
	items := orderly.catalogue_diff(items);
	if items = '[]' then
		return orderly.refuse(act, 'change', null, 'nothing', reason);
	end if;
	insert into orderly.change (proposer, proposer_login, reason, undoes)
	values (who, session_user, btrim(reason), undoes) returning id into new_id;
	insert into orderly.change_item (change, nr, kind, code, base, before, doc)
	select new_id, e.nr, e.item ->> 'kind', e.item ->> 'code', (e.item ->> 'base')::int,
	       nullif(e.item -> 'before', 'null'), nullif(e.item -> 'after', 'null')
	from jsonb_array_elements(items) with ordinality e (item, nr);
	perform pg_notify('orderly', 'change');
	return orderly.done(act, 'change', new_id::text, new_id, reason, jsonb_build_object('items', items));
end
$$;

create function orderly.has_reason(reason text) returns bool
language sql immutable
set search_path = pg_catalog, orderly, pg_temp
return coalesce(length(btrim(reason)) between 3 and 2000, false);

-- items: [{"kind": …, "code": …, "doc": {…} or null to remove}]
create function orderly.change_propose(items jsonb, reason text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['admin']);
begin
	if who.code is not null then
		return orderly.refuse('change_propose', 'change', null, who.code, reason);
	elsif not orderly.has_reason(reason) then
		return orderly.refuse('change_propose', 'change', null, 'reason', reason);
	elsif jsonb_typeof(items) is distinct from 'array' or jsonb_array_length(items) = 0
	   or exists (select from jsonb_array_elements(items) e where jsonb_typeof(e) <> 'object') then
		return orderly.refuse('change_propose', 'change', null, 'format', reason);
	end if;
	return orderly.change_freeze('change_propose', who.person, items, reason, null);
end
$$;

-- Whether the person would decide about an own right: their person, login or scope.
create function orderly.change_touches(id bigint, who int) returns bool
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select exists (
		select from orderly.change_item i
		join orderly.person p on p.id = who
		where i.change = change_touches.id
		  and (i.kind = 'person' and i.code = p.code
		       or i.kind = 'login' and (p.code = i.doc ->> 'person' or p.code = i.before ->> 'person')
		       or i.kind in ('scope', 'login')
		          and exists (select from orderly.login l where l.code = i.code and l.person = p.code)));
end;

-- Whether all interfaces that the change is about lie in the session's scope. New ones lie nowhere yet.
create function orderly.change_in_scope(id bigint) returns bool
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select not exists (
		select from orderly.change_item i
		join orderly.interface f on f.code = split_part(i.code, '/', 1)
		where i.change = change_in_scope.id and i.kind in ('interface', 'slo')
		  and f.id <> all (orderly.my_interfaces()));
end;

-- Why the change cannot be decided by this person now; NULL when it can.
create function orderly.change_obstacle(c orderly.change, who int, approve bool) returns text
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return case
		when c.id is null then 'not_found'
		when c.state <> 'proposed' then 'state'
		when c.proposer = who then 'four_eyes'
		when orderly.change_touches(c.id, who) then 'own_right'
		when not orderly.change_in_scope(c.id) then 'scope'
		when approve and not ('admin' = any (orderly.roles_of(c.proposer_login)) and exists (
			select from orderly.login l join orderly.person p on p.code = l.person
			where l.code = c.proposer_login and p.id = c.proposer and p.active
			  and not l.blocked and not l.shared)) then 'proposer_role'
	end;
end
$$;

insert into orderly.refusal_code values
	('own_right', 'nobody decides about their own rights'),
	('proposer_role', 'who proposed this may no longer propose');

create function orderly.change_decide(id bigint, approve bool, reason text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	act constant text := case when approve then 'change_approve' else 'change_reject' end;
	who record := orderly.gate(array['approver']);
	c orderly.change;
	why text;
	items jsonb;
	problems jsonb;
begin
	if who.code is not null then
		return orderly.refuse(act, 'change', id::text, who.code, reason);
	elsif approve is null then
		raise exception 'change_decide: approve is null' using errcode = '22004';
	elsif not approve and not orderly.has_reason(reason) then
		return orderly.refuse(act, 'change', id::text, 'reason', reason);
	end if;
	-- One decision at a time: what is compared below must not move underneath.
	perform from orderly.store for update;
	select * into c from orderly.change where change.id = change_decide.id for update;
	why := orderly.change_obstacle(c, who.person, approve);
	if why is not null then
		return orderly.refuse(act, 'change', id::text, why, reason,
			case when why = 'state' then jsonb_build_object('state', c.state) end);
	end if;
	if approve then
		select jsonb_agg(jsonb_build_object('kind', i.kind, 'code', i.code, 'doc', i.doc)) into items
		from orderly.change_item i where i.change = c.id;
		if exists (select from orderly.change_item i, orderly.catalogue_now(i.kind, i.code) n
		           where i.change = c.id and n.version <> i.base) then
			update orderly.change set state = 'stale' where change.id = c.id;
			return orderly.refuse(act, 'change', id::text, 'stale', reason);
		end if;
		problems := orderly.catalogue_apply(items, null, null);
		if problems <> '[]' then
			return orderly.refuse(act, 'change', id::text, 'invalid', reason,
				jsonb_build_object('problems', problems));
		end if;
	end if;
	insert into orderly.change_decision (change, proposer, decider, decider_login, verdict, reason)
	values (c.id, c.proposer, who.person, session_user,
	        case when approve then 'approved' else 'rejected' end, btrim(reason));
	if approve then
		problems := orderly.catalogue_apply(items, c.id, null);
		if problems <> '[]' then
			raise exception 'change %: sound when tried, and refused when applied: %', c.id, problems;
		end if;
	end if;
	update orderly.change set state = case when approve then 'applied' else 'rejected' end
	where change.id = c.id;
	perform pg_notify('orderly', 'change');
	return orderly.done(act, 'change', c.id::text, c.id, reason);
end
$$;

create function orderly.change_withdraw(id bigint, reason text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['admin']);
	c orderly.change;
	why text := who.code;
begin
	if why is null then
		select * into c from orderly.change where change.id = change_withdraw.id for update;
		why := case when c.id is null then 'not_found'
		            when c.state <> 'proposed' then 'state'
		            when c.proposer <> who.person then 'not_proposer' end;
	end if;
	if why is not null then
		return orderly.refuse('change_withdraw', 'change', id::text, why, reason);
	end if;
	update orderly.change set state = 'withdrawn' where change.id = c.id;
	perform pg_notify('orderly', 'change');
	return orderly.done('change_withdraw', 'change', id::text, id, reason);
end
$$;

insert into orderly.refusal_code values
	('not_proposer', 'only who proposed this can withdraw it');

-- Rolling back is a change as well: it proposes what was there before, and another person decides.
create function orderly.change_rollback(id bigint, reason text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['admin']);
	c orderly.change;
	why text := who.code;
	items jsonb;
begin
	select * into c from orderly.change where change.id = change_rollback.id;
	why := coalesce(why, case
		when not orderly.has_reason(reason) then 'reason'
		when c.id is null then 'not_found'
		when c.state <> 'applied' then 'state'
		when exists (select from orderly.change_item i, orderly.catalogue_now(i.kind, i.code) n
		             where i.change = c.id and n.version <> i.base + 1) then 'stale' end);
	if why is not null then
		return orderly.refuse('change_rollback', 'change', id::text, why, reason);
	end if;
	select jsonb_agg(jsonb_build_object('kind', i.kind, 'code', i.code, 'doc', i.before)) into items
	from orderly.change_item i where i.change = c.id;
	return orderly.change_freeze('change_rollback', who.person, items, reason, c.id);
end
$$;
