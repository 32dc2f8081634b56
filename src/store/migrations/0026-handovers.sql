-- kind: transaction
-- Handovers from shift to shift.

set local role orderly_{store}_owner;

insert into orderly.act_rule (machine, act, state, becomes) values
	('handover', 'write', 'draft', 'draft'),
	('handover', 'offer', 'draft', 'offered'),
	('handover', 'acknowledge', 'offered', 'offered'),
	('handover', 'accept', 'offered', 'done'),
	('handover', 'void', 'draft', 'void'),
	('handover', 'void', 'offered', 'void');
insert into orderly.refusal_code values
	('own_handover', 'nobody takes over from themselves'),
	('not_yours', 'it is another person''s'),
	('not_acknowledged', 'there are items that nobody has acknowledged'),
	('draft_open', 'you have an open handover already');

-- A snapshot of what the next shift must know. What was offered is frozen: the digest covers it, and
-- the head of the audit is part of it.
create table orderly.handover (
	id bigint generated always as identity primary key,
	state text not null default 'draft' check (state in ('draft', 'offered', 'done', 'void')),
	outgoing int not null references orderly.person (id),
	outgoing_login text not null,
	drafted_at timestamptz not null default clock_timestamp(),
	before bigint references orderly.handover (id),
	words text not null default '',
	interfaces int[] not null,
	offered_at timestamptz,
	audit_head text,
	digest bytea,
	incoming int references orderly.person (id),
	incoming_login text,
	accepted_at timestamptz,
	why text,
	constraint handover_two_persons check (outgoing <> incoming),
	constraint handover_signed check ((state = 'done') = (accepted_at is not null)
		and (accepted_at is null or incoming is not null)),
	constraint handover_frozen check ((state in ('offered', 'done')) <= (digest is not null))
);
create unique index handover_open on orderly.handover (outgoing) where state in ('draft', 'offered');
create index handover_done on orderly.handover (id) where state = 'done';

-- change: new since the handover before, still open, or gone since then.
create table orderly.handover_item (
	handover bigint not null references orderly.handover (id),
	nr int not null,
	kind text not null check (kind in ('objective', 'failures', 'replay', 'in_doubt', 'held', 'emergency',
		'catalogue', 'silence')),
	ref text not null,
	interface int,
	change text not null check (change in ('new', 'open', 'gone')),
	title text not null,
	detail jsonb not null,
	words text,
	acknowledged_by int references orderly.person (id),
	acknowledged_at timestamptz,
	primary key (handover, nr),
	unique (handover, kind, ref)
);

-- What is open now, within the session's scope.
create function orderly.handover_facts()
returns table (kind text, ref text, interface int, title text, detail jsonb)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with mine as materialized (select unnest(orderly.my_interfaces()) as id)
	select 'objective', i.code || '/' || b.measure, b.interface,
		i.code || ': ' || b.measure || ' burns its budget',
		jsonb_build_object('rules', jsonb_agg(jsonb_build_object('rule', b.rule, 'severity', b.severity,
			'bad', b.long_bad, 'total', b.long_total) order by b.rule))
	from orderly.burn_states() b join mine m on m.id = b.interface join orderly.interface i on i.id = b.interface
	where b.state = 'burning' group by i.code, b.measure, b.interface
	union all
	select 'failures', g.id::text, g.interface, i.code || ': ' || g.signature,
		jsonb_build_object('class', g.class, 'unresolved', g.unresolved, 'unowned', g.unowned, 'since', g.first_at,
			'last', g.last_at, 'owner', p.name, 'snoozed_until', g.snoozed_until)
	from orderly.failure_group g join mine m on m.id = g.interface join orderly.interface i on i.id = g.interface
	left join orderly.person p on p.id = g.owner
	where g.unresolved > 0
	union all
	select 'replay', q.id::text, q.interfaces[1], 'replay ' || q.id || ' of ' || q.items || ' is ' || q.state,
		jsonb_build_object('asker', p.name, 'reason', q.reason, 'state', q.state, 'why', q.why, 'items', q.items,
			'expires', q.expires_at)
	from orderly.replay_request q join orderly.person p on p.id = q.asker
	where q.state in ('asked', 'approved', 'running', 'paused', 'stopped') and q.interfaces <@ orderly.my_interfaces()
	union all
	select case t.state when 'held' then 'held' else 'in_doubt' end, t.id::text, t.interface,
		i.code || ': ' || s.message_id || case t.state when 'held' then ' is held behind a later one' else ' may have arrived' end,
		jsonb_build_object('request', t.request, 'transaction', t.dead_letter, 'idempotency_key', t.idempotency_key,
			'sent_at', t.sending_at)
	from orderly.replay_item t join mine m on m.id = t.interface join orderly.interface i on i.id = t.interface
	join orderly.message s on s.id = t.dead_letter
	where t.state in ('in_doubt', 'held')
	union all
	select 'emergency', q.id::text, q.interfaces[1], 'replay ' || q.id || ' was an emergency and waits for its review',
		jsonb_build_object('asker', p.name, 'reason', q.reason, 'due', q.review_due)
	from orderly.replay_request q join orderly.person p on p.id = q.asker
	where q.review_due is not null and q.reviewed_at is null and q.interfaces <@ orderly.my_interfaces()
	union all
	select 'catalogue', c.id::text, null, 'change ' || c.id || ' of the catalogue waits for its decision',
		jsonb_build_object('proposer', p.name, 'reason', c.reason)
	from orderly.change c join orderly.person p on p.id = c.proposer where c.state = 'proposed'
	union all
	select 'silence', s.id::text, s.interface, coalesce(i.code, 'everything') || coalesce(' ' || s.rule, '') || ' is silenced',
		jsonb_build_object('until', s.until, 'reason', s.reason, 'by', p.name)
	from orderly.silence s join orderly.person p on p.id = s.person left join orderly.interface i on i.id = s.interface
	where s.ended_at is null and s.until > now() and (s.interface is null or s.interface = any (orderly.my_interfaces()));
end;

-- The facts, held against the handover before.
create function orderly.handover_list(last bigint)
returns table (kind text, ref text, interface int, change text, title text, detail jsonb)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with fact as materialized (select * from orderly.handover_facts()),
	old as materialized (
		select i.kind, i.ref, i.interface, i.title, i.detail from orderly.handover_item i
		where i.handover = last and i.change <> 'gone'
		  and (i.interface is null or i.interface = any (orderly.my_interfaces())))
	select f.kind, f.ref, f.interface, case when o.ref is null then 'new' else 'open' end, f.title, f.detail
	from fact f left join old o on o.kind = f.kind and o.ref = f.ref
	union all
	select o.kind, o.ref, o.interface, 'gone', o.title, o.detail
	from old o where not exists (select from fact f where f.kind = o.kind and f.ref = o.ref);
end;

-- Begins a handover, or looks again at what is open for one that is still a draft. What was written to
-- an item stays with it.
create function orderly.handover_draft() returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator']);
	h orderly.handover;
	last bigint;
	notes jsonb;
begin
	if who.code is not null then
		return orderly.refuse('handover_draft', 'handover', null, who.code);
	end if;
	last := (select max(t.id) from orderly.handover t where t.state = 'done');
	insert into orderly.handover (outgoing, outgoing_login, interfaces, before)
	values (who.person, session_user, orderly.my_interfaces(), last)
	on conflict (outgoing) where state in ('draft', 'offered') do nothing;
	select * into h from orderly.handover t where t.outgoing = who.person and t.state in ('draft', 'offered') for update;
	if orderly.act_next('handover', 'write', h.state) is null then
		return orderly.refuse('handover_draft', 'handover', h.id::text, 'draft_open');
	end if;
	update orderly.handover t set before = last, interfaces = orderly.my_interfaces() where t.id = h.id;
	select jsonb_object_agg(i.kind || ' ' || i.ref, i.words) into notes
	from orderly.handover_item i where i.handover = h.id and i.words is not null;
	delete from orderly.handover_item i where i.handover = h.id;
	insert into orderly.handover_item (handover, nr, kind, ref, interface, change, title, detail, words)
	select h.id, row_number() over (order by array_position(array['new', 'open', 'gone'], l.change),
			array_position(array['in_doubt', 'emergency', 'objective', 'held', 'replay', 'failures', 'catalogue', 'silence'],
			               l.kind), l.ref),
		l.kind, l.ref, l.interface, l.change, left(l.title, 500), l.detail, notes ->> (l.kind || ' ' || l.ref)
	from orderly.handover_list(last) l;
	return orderly.done('handover_draft', 'handover', h.id::text, h.id, null, jsonb_build_object('items',
		(select count(*) from orderly.handover_item i where i.handover = h.id)));
end
$$;

-- Writes the outgoing person's words: on the whole (nr NULL) or to one item.
create function orderly.handover_write(id bigint, nr int, words text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator']);
	h orderly.handover;
	why text := who.code;
begin
	if why is null then
		select * into h from orderly.handover t where t.id = handover_write.id for update;
		why := case
			when h.id is null then 'not_found'
			when h.outgoing <> who.person then 'not_yours'
			when orderly.act_next('handover', 'write', h.state) is null then 'state'
			when words is null or length(words) > 10000 then 'text'
			when nr is not null and not exists (select from orderly.handover_item i
				where i.handover = h.id and i.nr = handover_write.nr) then 'not_found' end;
	end if;
	if why is not null then
		return orderly.refuse('handover_write', 'handover', id::text, why);
	end if;
	if nr is null then
		update orderly.handover t set words = btrim(handover_write.words) where t.id = h.id;
	else
		update orderly.handover_item i set words = nullif(btrim(handover_write.words), '')
		where i.handover = h.id and i.nr = handover_write.nr;
	end if;
	return orderly.done('handover_write', 'handover', id::text, id, null, jsonb_build_object('nr', nr));
end
$$;

-- What both sign: every item as it was offered, the words, the persons, the head of the audit.
create function orderly.handover_digest(h orderly.handover) returns bytea
language sql stable
set search_path = pg_catalog, orderly, pg_temp
return sha256(convert_to(jsonb_build_array(h.id, h.outgoing, h.before, h.words, h.audit_head, (
	select jsonb_agg(jsonb_build_array(i.nr, i.kind, i.ref, i.change, i.title, i.detail, i.words) order by i.nr)
	from orderly.handover_item i where i.handover = h.id))::text, 'UTF8'));

-- The outgoing person signs; from here on it does not change.
create function orderly.handover_offer(id bigint) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator']);
	h orderly.handover;
	why text := who.code;
begin
	if why is null then
		select * into h from orderly.handover t where t.id = handover_offer.id for update;
		why := case
			when h.id is null then 'not_found'
			when h.outgoing <> who.person then 'not_yours'
			when orderly.act_next('handover', 'offer', h.state) is null then 'state' end;
	end if;
	if why is not null then
		return orderly.refuse('handover_offer', 'handover', id::text, why);
	end if;
	h.audit_head := orderly.audit_head();
	update orderly.handover t
	set state = orderly.act_next('handover', 'offer', t.state), offered_at = clock_timestamp(),
		audit_head = h.audit_head, digest = orderly.handover_digest(h)
	where t.id = h.id returning * into h;
	perform pg_notify('orderly', 'handover');
	return orderly.done('handover_offer', 'handover', id::text, id, null,
		jsonb_build_object('digest', encode(h.digest, 'hex'), 'audit_head', h.audit_head));
end
$$;

-- Why the session's person cannot take this handover over; NULL when they can.
create function orderly.handover_obstacle(h orderly.handover, who int, act text) returns text
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return case
		when h.id is null or not h.interfaces <@ orderly.my_interfaces() then 'not_found'
		when h.outgoing = who then 'own_handover'
		when orderly.act_next('handover', act, h.state) is null then 'state'
		when h.incoming is not null and h.incoming <> who then 'not_yours' end;
end
$$;

-- The incoming person has seen these items. Who acknowledges first is the incoming one.
create function orderly.handover_acknowledge(id bigint, nrs int[]) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator', 'approver']);
	h orderly.handover;
	why text := who.code;
	n int;
begin
	if why is null then
		select * into h from orderly.handover t where t.id = handover_acknowledge.id for update;
		why := orderly.handover_obstacle(h, who.person, 'acknowledge');
	end if;
	if why is not null then
		return orderly.refuse('handover_acknowledge', 'handover', id::text, why);
	end if;
	update orderly.handover t set incoming = who.person, incoming_login = session_user where t.id = h.id;
	update orderly.handover_item i set acknowledged_by = who.person, acknowledged_at = clock_timestamp()
	where i.handover = h.id and i.nr = any (nrs) and i.acknowledged_by is null;
	get diagnostics n = row_count;
	return orderly.done('handover_acknowledge', 'handover', id::text, id, null, jsonb_build_object('nrs', nrs, 'items', n,
		'left', (select count(*) from orderly.handover_item i where i.handover = h.id and i.acknowledged_by is null)));
end
$$;

-- The incoming person signs, when every item is acknowledged.
create function orderly.handover_accept(id bigint) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator', 'approver']);
	h orderly.handover;
	why text := who.code;
begin
	if why is null then
		select * into h from orderly.handover t where t.id = handover_accept.id for update;
		why := coalesce(orderly.handover_obstacle(h, who.person, 'accept'), case when exists (
			select from orderly.handover_item i where i.handover = h.id and i.acknowledged_by is distinct from who.person)
			then 'not_acknowledged' end);
	end if;
	if why is not null then
		return orderly.refuse('handover_accept', 'handover', id::text, why);
	end if;
	update orderly.handover t
	set state = orderly.act_next('handover', 'accept', t.state), incoming = who.person, incoming_login = session_user,
		accepted_at = clock_timestamp()
	where t.id = h.id;
	perform pg_notify('orderly', 'handover');
	return orderly.done('handover_accept', 'handover', id::text, id, null,
		jsonb_build_object('digest', encode(h.digest, 'hex'), 'audit_head', h.audit_head));
end
$$;

create function orderly.handover_void(id bigint, reason text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator']);
	h orderly.handover;
	why text := who.code;
begin
	if why is null then
		select * into h from orderly.handover t where t.id = handover_void.id for update;
		why := case
			when h.id is null then 'not_found'
			when h.outgoing <> who.person then 'not_yours'
			when not orderly.has_reason(reason) then 'reason'
			when orderly.act_next('handover', 'void', h.state) is null then 'state' end;
	end if;
	if why is not null then
		return orderly.refuse('handover_void', 'handover', id::text, why, reason);
	end if;
	update orderly.handover t set state = orderly.act_next('handover', 'void', t.state), why = btrim(reason)
	where t.id = h.id;
	return orderly.done('handover_void', 'handover', id::text, id, reason);
end
$$;

alter table orderly.handover enable row level security;
create policy handover_read on orderly.handover for select
	using (interfaces && (select orderly.my_interfaces())::int[] or interfaces = '{}');
alter table orderly.handover_item enable row level security;
create policy handover_item_read on orderly.handover_item for select
	using (interface is null or interface = any ((select orderly.my_interfaces())::int[]));

grant select on orderly.handover, orderly.handover_item
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;
grant execute on function orderly.handover_draft(), orderly.handover_write(bigint, int, text),
	orderly.handover_offer(bigint), orderly.handover_acknowledge(bigint, int[]), orderly.handover_accept(bigint),
	orderly.handover_void(bigint, text)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;

create function orderly.check_handovers() returns table (name text, ok bool, detail text)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	found text;
begin
	select string_agg(h.id::text, ', ') into found
	from orderly.handover h
	where h.state in ('offered', 'done') and h.digest is distinct from orderly.handover_digest(h);
	return query select 'each handover is what was signed', found is null, found;

	select string_agg(h.id::text, ', ') into found
	from orderly.handover h
	where h.state = 'done' and exists (select from orderly.handover_item i
		where i.handover = h.id and i.acknowledged_by is distinct from h.incoming);
	return query select 'who took over had acknowledged every item', found is null, found;
end
$$;
