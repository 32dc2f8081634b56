-- kind: transaction
-- What a replay sends and under which key, and what would become of each that were asked for.

set local role orderly_{store}_owner;

-- Length-prefixed, so that no two payloads read the same. This and the next function have no settings
-- of their own, so that they become part of the statements that call them.
create function orderly.payload_digest(content_type text, headers jsonb, body bytea) returns bytea
language sql immutable parallel safe
return sha256(convert_to(concat(length(content_type), ':', content_type, ',', length(headers::text), ':', headers, ','),
	'UTF8') || coalesce(body, ''));

-- The recorded payload that a replay sends: the last one that went out, else the first that came in.
create function orderly.replay_payload(transaction bigint, born date)
returns table (key bytea, content_type text, headers jsonb, body bytea)
language sql stable rows 1
begin atomic
	select p.key, p.content_type, p.headers, p.body
	from orderly.payload p
	where p.born = replay_payload.born and p.transaction = replay_payload.transaction and p.body is not null
	order by (p.kind in ('outbound', 'request')) desc nulls last,
		case when p.kind in ('outbound', 'request') then p.arrived end desc, p.arrived, p.key
	limit 1;
end;

-- The middleware's own key where it told one, else one that anyone can compute again.
create function orderly.replay_key(transaction bigint, born date, interface text, message_id text, sent bytea)
returns text
language plpgsql stable
as $$
begin
	return coalesce(
		(select e.idempotency_key from orderly.event e
		 where e.born = replay_key.born and e.transaction = replay_key.transaction
		   and e.idempotency_key <> ''
		 order by e.attempt desc, e.at desc, e.key desc limit 1),
		'orderly-' || encode(substr(sha256(convert_to(concat(length(interface), ':', interface, ',', length(message_id),
			':', message_id, ','), 'UTF8') || sent), 1, 16), 'hex'));
end
$$;

-- What stands in the way of dead letters whose interface keeps an order. earlier: the first of the same
-- ordering key that has not arrived, a dead letter that is not settled or a message still on its way;
-- `besides` do not count. later: the last one that has arrived, by itself or by a replay. Each key is
-- looked at once, however many of it there are.
create function orderly.replay_neighbours(ids bigint[], besides bigint[])
returns table (id bigint, earlier bigint, later bigint)
language plpgsql stable
as $$
#variable_conflict use_column
begin
	return query
	with mine as materialized (
		select l.id, l.interface, l.ordering_key
		from orderly.dead_letter l join orderly.interface f on f.id = l.interface
		where l.id = any (ids) and l.ordering_key is not null and f.ordering_key is not null and l.unresolved
	),
	key as materialized (
		select m.interface, m.ordering_key, min(m.id) as first, max(m.id) as last from mine m group by 1, 2
	),
	flying as materialized (
		select k.interface, k.ordering_key, min(m.id) as id
		from orderly.transaction t
		join orderly.message m on m.id = t.id
		join key k on k.interface = m.interface and k.ordering_key = m.ordering_key
		where t.state in ('waiting', 'running', 'retrying') and t.id < (select max(o.last) from key o)
		  and m.id not in (select b from unnest(besides) b where b is not null)
		group by 1, 2
	),
	around as materialized (
		select k.interface, k.ordering_key, least(e.id, y.id) as earlier, d.id as later
		from key k
		left join flying y on y.interface = k.interface and y.ordering_key = k.ordering_key
		left join lateral (
			select l.id from orderly.dead_letter l
			where l.interface = k.interface and l.ordering_key = k.ordering_key and l.unresolved and l.id < k.last
			  and l.id not in (select b from unnest(besides) b where b is not null)
			order by l.id limit 1) e on true
		left join lateral (
			select m.id from orderly.message m
			join orderly.transaction t on t.id = m.id
			left join orderly.dead_letter l on l.id = m.id
			where m.interface = k.interface and m.ordering_key = k.ordering_key and m.id > k.first
			  and (t.state = 'done' or l.state = 'resolved')
			order by m.id desc limit 1) d on true
	)
	select m.id, case when a.earlier < m.id then a.earlier end, case when a.later > m.id then a.later end
	from mine m join around a on a.interface = m.interface and a.ordering_key = m.ordering_key;
end
$$;

-- What would become of each, if it were asked for now. eligible and behind can be asked for.
create function orderly.replay_verdicts(ids bigint[])
returns table (id bigint, verdict text, ref bigint)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	interfaces constant int[] := orderly.my_interfaces();
	facilities constant smallint[] := orderly.my_facilities();
begin
	return query
	select u.id, case
			when l.id is null or l.interface <> all (interfaces) or l.facility <> all (facilities) then 'out_of_scope'
			when t.state <> 'dead' or l.state = 'resolved' then 'delivered'
			when i.id is not null then 'pending'
			when not l.unresolved then 'closed'
			when l.state = 'quarantined' and cardinality(ids) > 1 then 'quarantined'
			when f.replay_policy = 'never' or f.lifecycle = 'retired' then 'policy'
			when c.answer = 'present' and c.answered_at > clock_timestamp() - interval '15 minutes' then 'present'
			when not exists (select from orderly.replay_payload(l.id, l.born)) then 'no_payload'
			when o.later is not null then 'overtaken'
			when o.earlier is not null then 'behind'
			else 'eligible' end,
		coalesce(i.request, o.later, o.earlier)
	from (select distinct n as id from unnest(ids) n) u
	left join orderly.dead_letter l on l.id = u.id
	left join orderly.transaction t on t.id = l.id
	left join orderly.interface f on f.id = l.interface
	left join orderly.replay_item i on i.dead_letter = l.id and i.live
	left join orderly.replay_check c on c.dead_letter = l.id
	left join orderly.replay_neighbours(ids, ids) o on o.id = u.id;
end
$$;

-- Has the workers ask the targets about these, where the endpoint says how, unless they answered
-- within this time. The last answer stands until the next one comes.
create function orderly.replay_check_want(ids bigint[], within interval default '1 minute') returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	n int;
begin
	insert into orderly.replay_check as c (dead_letter)
	select l.id from orderly.dead_letter l join orderly.interface f on f.id = l.interface
	where l.id = any (ids) and jsonb_typeof(f.endpoint -> 'check') = 'object'
	order by l.id
	on conflict (dead_letter) do update
	set asked_at = clock_timestamp(), token = null, token_until = null
	where c.answered_at >= c.asked_at and c.answered_at < clock_timestamp() - within;
	get diagnostics n = row_count;
	return n;
end
$$;

-- A dry run for the set that a person has before them, and the same for a request as it is now. Each
-- has the targets asked anew; their answers are in the next one.
create function orderly.replay_dry_run(ids bigint[]) returns table (id bigint, verdict text, ref bigint)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator', 'approver']);
begin
	if who.code is not null or coalesce(cardinality(ids), 0) > 10000 then
		perform orderly.refuse('replay_dry_run', 'dead_letter', null, coalesce(who.code, 'too_many_items'));
		return;
	end if;
	perform orderly.replay_check_want(array(
		select l.id from orderly.dead_letter l where l.id = any (ids) and orderly.in_scope(l.interface, l.facility)));
	return query select v.id, v.verdict, v.ref from orderly.replay_verdicts(ids) v order by v.id;
end
$$;

grant execute on function orderly.replay_dry_run(bigint[])
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;
