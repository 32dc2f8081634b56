-- kind: transaction
-- What the console needs to know of replays before a person asks or decides: what it will want, what was
-- edited, how it stands now, what the target said.

set local role orderly_{store}_owner;

-- Of these dead letters, those that could be asked for: how many there are, what the policies of their
-- interfaces want, and the names of those who could give it: approvers, other persons than the session's,
-- who see all that it is about. Nothing is promised: what counts is judged when it is decided.
create function orderly.replay_forecast(ids bigint[])
returns table (items int, policy text, needed int, emergency bool, approvers text)
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	who record := orderly.gate(array['operator', 'approver']);
	chosen bigint[];
	these int[]; -- interfaces
	places smallint[]; -- facilities
	p record;
begin
	if who.code is not null or coalesce(cardinality(ids), 0) > 10000 then
		return;
	end if;
	select array_agg(v.id) into chosen from orderly.replay_verdicts(ids) v where v.verdict in ('eligible', 'behind');
	if chosen is null then
		return query select 0, null::text, null::int, false, null::text;
		return;
	end if;
	select array_agg(distinct l.interface), array_agg(distinct l.facility) filter (where l.facility is not null)
	into these, places from orderly.dead_letter l where l.id = any (chosen);
	p := orderly.replay_policy(these, cardinality(chosen), false);
	return query
	select cardinality(chosen), p.policy, p.needed,
		(select r.needed = 0 from orderly.replay_policy(these, cardinality(chosen), true) r),
		(select string_agg(distinct n.name, ', ' order by n.name)
		 from orderly.login g
		 join orderly.person n on n.code = g.person
		 join orderly.scope s on s.code = g.code
		 where n.active and not g.shared and not g.blocked and n.id is distinct from who.person
		   and 'approver' = any (orderly.roles_of(g.code))
		   and not exists (
			select from orderly.interface f where f.id = any (these)
			  and (f.data_class <> all (s.classes)
			       or not exists (select from unnest(s.interfaces) o (glob) where f.code like orderly.glob_like(o.glob))))
		   and not exists (
			select from orderly.facility f where f.id = any (places)
			  and not exists (select from unnest(s.facilities) o (glob) where f.code like orderly.glob_like(o.glob))));
end
$$;

grant execute on function orderly.replay_forecast(bigint[])
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;

-- Which payload a replay of this dead letter would send, without the payload itself.
create function orderly.replay_payload_key(dead_letter bigint)
returns table (key bytea, content_type text)
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	who record := orderly.gate(array['operator']);
begin
	return query
	select p.key, p.content_type
	from orderly.dead_letter l
	cross join lateral orderly.replay_payload(l.id, l.born) p
	where l.id = replay_payload_key.dead_letter and who.code is null and orderly.in_scope(l.interface, l.facility);
end
$$;

-- Asks for one dead letter with another payload than the recorded one, which the session has seen under
-- a grant. Fields that the mask table locks stay as they are; it always needs an approval.
create function orderly.replay_ask_edited(dead_letter bigint, content_type text, body bytea, reason text)
returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator']);
	l orderly.dead_letter;
	recorded record;
	locked text[];
	why text := who.code;
	asked orderly.result;
	edited orderly.result;
begin
	if why is null then
		select * into l from orderly.dead_letter d where d.id = replay_ask_edited.dead_letter;
		why := case
			when l.id is null or not orderly.in_scope(l.interface, l.facility) then 'not_found'
			when not orderly.has_reason(reason) then 'reason'
			when body is null or length(body) > 16777216 then 'text'
			when not exists (select from orderly.payload_grant g
			                 where g.transaction = l.id and g.person = who.person
			                   and g.xid <> pg_current_xact_id() and g.ended_at is null
			                   and g.until > clock_timestamp()) then 'grant' end;
	end if;
	if why is null then
		select y.* into recorded from orderly.replay_payload(l.id, l.born) y;
		locked := orderly.replay_locked(l.interface, recorded.content_type, recorded.body, body);
		why := case when locked <> '{}' then 'locked' end;
	end if;
	if why is not null then
		return orderly.refuse('replay_ask', 'dead_letter', dead_letter::text, why, reason,
			case why when 'locked' then jsonb_build_object('fields', locked) end);
	end if;
	asked := orderly.replay_ask(array[dead_letter], reason);
	if not asked.ok then
		return asked;
	end if;
	edited := orderly.replay_edit((select i.id from orderly.replay_item i where i.request = asked.id),
		content_type, body, reason);
	if not edited.ok then
		perform orderly.replay_cancel(asked.id, 'what was edited was not taken');
	end if;
	return edited;
end
$$;

-- A request's items as they would be judged now, and because of which other one: nobody decides on what
-- was true when it was asked for.
create function orderly.replay_request_verdicts(request bigint)
returns table (item bigint, verdict text, ref bigint)
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	who record := orderly.gate(array['operator', 'approver']);
	letters constant bigint[] := array(
		select i.dead_letter from orderly.replay_item i where i.request = replay_request_verdicts.request);
begin
	if who.code is not null or not orderly.replay_in_scope(request) then
		return;
	end if;
	return query
	select i.id, case
			when i.state not in ('waiting', 'held') then 'over'
			when t.state <> 'dead' then 'delivered'
			when not l.unresolved then 'closed'
			when f.replay_policy = 'never' or f.lifecycle = 'retired' then 'policy'
			when p.digest is distinct from i.payload_digest then 'changed'
			when c.answer = 'present' and c.answered_at > clock_timestamp() - interval '15 minutes' then 'present'
			when n.later is not null and not i.waived then 'overtaken'
			when n.earlier is not null then 'behind'
			else 'eligible' end,
		coalesce(n.later, n.earlier)
	from orderly.replay_item i
	join orderly.dead_letter l on l.id = i.dead_letter
	join orderly.transaction t on t.id = i.dead_letter
	join orderly.interface f on f.id = i.interface
	left join lateral (
		select orderly.payload_digest(y.content_type, y.headers, y.body) as digest
		from orderly.replay_payload(i.dead_letter, i.born) y) p on true
	left join orderly.replay_check c on c.dead_letter = l.id
	left join orderly.replay_neighbours(letters, letters) n on n.id = i.dead_letter
	where i.request = replay_request_verdicts.request;
end
$$;

-- What targets said when they were asked whether they have these items.
create function orderly.replay_said(items bigint[])
returns table (item bigint, answer text, asked_at timestamptz, answered_at timestamptz, detail text)
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	who record := orderly.gate(array['support', 'operator', 'approver']);
begin
	return query
	select i.id, c.answer, c.asked_at, c.answered_at, left(c.detail::text, 2000)
	from orderly.replay_item i
	join orderly.replay_check c on c.dead_letter = i.dead_letter
	where i.id = any (items) and who.code is null and orderly.in_scope(i.interface, i.facility);
end
$$;

grant execute on function orderly.replay_payload_key(bigint),
	orderly.replay_ask_edited(bigint, text, bytea, text), orderly.replay_request_verdicts(bigint),
	orderly.replay_said(bigint[])
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;
