-- kind: transaction
-- What a handover is drafted from: all that the next shift must know. Some of it lasts, and is told as new,
-- still open or gone since the handover before; the rest happened since then, or is about to.

set local role orderly_{store}_owner;

insert into orderly.refusal_code values
	('old_facts', 'its facts are too old to be signed; look again first');

-- In which order items stand, and under which word. lasts: that it is not there any more is told once.
create table orderly.handover_kind (
	kind text primary key,
	ord smallint not null unique,
	section text not null,
	lasts bool not null
);
insert into orderly.handover_kind values
	('system', 9, 'broken', true),
	('objectives', 10, 'broken', false), -- how all of them stand
	('objective', 11, 'broken', true),
	('failures', 12, 'broken', true),
	('in_doubt', 20, 'replays', true),
	('emergency', 21, 'replays', true),
	('held', 22, 'replays', true),
	('replay', 23, 'replays', true),
	('tried', 30, 'tried', false),
	('batch', 40, 'at risk', false),
	('snooze', 41, 'at risk', false),
	('silence', 42, 'at risk', true),
	('credential', 43, 'at risk', true),
	('catalogue', 50, 'changes', true),
	('changed', 51, 'changes', false),
	('note', 60, 'notes', false);

alter table orderly.handover_item drop constraint handover_item_kind_check;
alter table orderly.handover_item add constraint handover_item_kind_fkey
	foreign key (kind) references orderly.handover_kind (kind);
alter table orderly.handover add column facts_at timestamptz;
create index note_at on orderly.note (at);

drop function orderly.handover_list(bigint);
drop function orderly.handover_facts();

-- What is broken: the systems that are down, how the objectives stand, which of them burn, what has died and is not resolved.
create function orderly.handover_broken(mine int[])
returns table (kind text, ref text, interface int, title text, detail jsonb)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with burn as materialized (
		select b.*, i.code from orderly.burn_states() b join orderly.interface i on i.id = b.interface
		where b.interface = any (mine)
	),
	objective as materialized (
		select b.code || '/' || b.measure as name, case when bool_or(b.state = 'burning') then 'burning'
			when bool_or(b.state = 'maintenance') then 'in maintenance' when bool_or(b.state = 'fine') then 'fine'
			when bool_or(b.state = 'few') then 'with too few to tell' else 'without data' end as state
		from burn b group by b.code, b.measure
	)
	select 'system', d.system, null::int, s.title || ' is down'
			|| coalesce(' since ' || to_char(d.since at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC', '')
			|| coalesce(', because ' || d.because_of || ' is', ''),
		jsonb_build_object('owner', s.owner, 'how', d.how, 'detail', d.detail, 'vendor',
			nullif(concat_ws(', ', s.vendor, s.vendor_contact), ''), 'escalation', s.escalation)
	from orderly.my_systems_down() d join orderly.system s on s.code = d.system
	union all
	select 'objectives', 'all', null::int, (
			select 'objectives: ' || string_agg(s.n || ' ' || s.state, ', ' order by s.n desc, s.state)
			from (select o.state, count(*) as n from objective o group by 1) s),
		jsonb_object_agg(g.state, g.names)
	from (select o.state, jsonb_agg(o.name order by o.name) as names from objective o group by 1) g
	having count(*) > 0
	union all
	select 'objective', b.code || '/' || b.measure, b.interface, b.code || ': ' || b.measure || ' burns its budget',
		jsonb_build_object('rules', jsonb_agg(jsonb_build_object('rule', b.rule, 'severity', b.severity,
			'bad', b.long_bad, 'total', b.long_total) order by b.rule))
	from burn b where b.state = 'burning' group by b.code, b.measure, b.interface
	union all
	select 'failures', g.id::text, g.interface, i.code || ': ' || g.signature,
		jsonb_build_object('class', g.class, 'unresolved', g.unresolved, 'unowned', g.unowned, 'since', g.first_at,
			'last', g.last_at, 'owner', coalesce(p.name, w.names), 'snoozed_until', g.snoozed_until, 'note', (
			select n.text from orderly.note n
			where n.object = 'failure_group' and n.object_id = g.id order by n.id desc limit 1))
	from orderly.failure_group g join orderly.interface i on i.id = g.interface
	left join orderly.person p on p.id = g.owner
	left join lateral ( -- whoever owns some of them, where nobody owns the whole
		select string_agg(distinct q.name, ', ') as names
		from orderly.dead_letter l join orderly.person q on q.id = l.owner
		where g.unowned < g.unresolved and l.failure_group = g.id and l.unresolved) w on true
	where g.unresolved > 0 and g.interface = any (mine);
end;

-- Replays that are not over, what is in doubt or held, emergencies without a review; and those that ended
-- since then, which is what was tried.
create function orderly.handover_replays(mine int[], since timestamptz)
returns table (kind text, ref text, interface int, title text, detail jsonb)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select case when q.state in ('asked', 'approved', 'running', 'paused', 'stopped') then 'replay' else 'tried' end,
		q.id::text, q.interfaces[1],
		'replay ' || q.id || ' of ' || q.items || ' is ' || q.state
			|| case when s.settled > 0 then ': ' || s.settled - s.bad || ' delivered, ' || s.bad || ' not' else '' end,
		jsonb_build_object('asker', p.name, 'reason', q.reason, 'state', q.state, 'why', q.why, 'items', q.items,
			'interfaces', (select string_agg(i.code, ' ' order by i.code) from orderly.interface i
			               where i.id = any (q.interfaces)))
		|| case when q.state in ('asked', 'approved') then jsonb_build_object('expires', q.expires_at) else '{}' end
	from orderly.replay_request q
	join orderly.person p on p.id = q.asker
	cross join lateral (select sum(t.settled) as settled, sum(t.bad) as bad
	                    from orderly.replay_stage t where t.request = q.id) s
	where q.interfaces <@ mine
	  and (q.state in ('asked', 'approved', 'running', 'paused', 'stopped') or q.changed_at > since)
	union all
	select t.state, t.id::text, t.interface,
		i.code || ': ' || s.message_id
			|| case t.state when 'held' then ' is held behind a later one' else ' may have arrived' end,
		jsonb_build_object('request', t.request, 'transaction', t.dead_letter, 'idempotency_key', t.idempotency_key,
			'sent_at', t.sending_at)
	from orderly.replay_item t
	join orderly.interface i on i.id = t.interface
	join orderly.message s on s.id = t.dead_letter
	where t.state in ('in_doubt', 'held') and t.interface = any (mine)
	union all
	select 'emergency', q.id::text, q.interfaces[1], 'replay ' || q.id || ' was an emergency and waits for its review',
		jsonb_build_object('asker', p.name, 'reason', q.reason, 'due', q.review_due)
	from orderly.replay_request q join orderly.person p on p.id = q.asker
	where q.review_due is not null and q.reviewed_at is null and q.interfaces <@ mine;
end;

-- What the next hours bring: batches that are due or late, sleep and silence that end, credentials.
create function orderly.handover_risks(mine int[], ahead interval)
returns table (kind text, ref text, interface int, title text, detail jsonb)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select 'batch', i.code || ' ' || to_char(b.due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"'), b.interface,
		i.code || case when b.due_at > now() then ': batch is due at ' else ': batch is late, due since ' end
			|| to_char(b.due_at at time zone coalesce(i.batch_zone, 'UTC'), 'HH24:MI') || ' ' || coalesce(i.batch_zone, 'UTC'),
		jsonb_build_object('due', b.due_at, 'state', b.state, 'owner', i.technical_owner, 'started', b.started_at)
	from orderly.batch_slots(mine, now() - interval '12 hours', now() + ahead) b
	join orderly.interface i on i.id = b.interface
	where b.state = 'late' or b.state = 'expected' and i.batch_due is not null
	   or b.state in ('waiting', 'running', 'retrying') and b.late is not null
	union all
	select 'snooze', g.id::text, g.interface, i.code || ': sleeps until '
			|| to_char(g.snoozed_until at time zone 'UTC', 'HH24:MI') || ' UTC: ' || g.signature,
		jsonb_build_object('until', g.snoozed_until, 'unresolved', g.unresolved, 'owner', p.name)
	from orderly.failure_group g join orderly.interface i on i.id = g.interface
	left join orderly.person p on p.id = g.owner
	where g.unresolved > 0 and g.interface = any (mine) and g.snoozed_until between now() and now() + ahead
	union all
	select 'silence', s.id::text, s.interface, coalesce(i.code, 'everything') || coalesce(' ' || s.rule, '')
			|| ' is silenced until ' || to_char(s.until at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC',
		jsonb_build_object('until', s.until, 'reason', s.reason, 'owner', p.name)
	from orderly.silence s join orderly.person p on p.id = s.person left join orderly.interface i on i.id = s.interface
	where s.ended_at is null and s.until > now() and (s.interface is null or s.interface = any (mine))
	union all
	select 'credential', c.name, null, c.name || case when c.expires_at <= now() then ' has expired on '
			else ' expires on ' end || to_char(c.expires_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC',
		jsonb_build_object('kind', c.kind, 'expires', c.expires_at, 'owner', c.owner, 'system', c.system)
	from orderly.credential_facts() c
	where c.expires_at < now() + make_interval(days => orderly.setting_int('credential.warn_days', 14));
end;

-- What was written down and changed since then, and what waits for its decision.
create function orderly.handover_words(mine int[], since timestamptz)
returns table (kind text, ref text, interface int, title text, detail jsonb)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select case when c.state = 'proposed' then 'catalogue' else 'changed' end, c.id::text, null::int,
		'change ' || c.id || case when c.state = 'proposed' then ' waits for its decision' else ' was ' || c.state end
			|| ': ' || (select string_agg(t.kind || ' ' || t.code, ', ' order by t.nr)
			            from orderly.change_item t where t.change = c.id and t.nr <= 5),
		jsonb_build_object('proposer', p.name, 'reason', c.reason, 'decider', q.name)
	from orderly.change c
	join orderly.person p on p.id = c.proposer
	left join orderly.change_decision d on d.change = c.id
	left join orderly.person q on q.id = d.decider
	where (c.state = 'proposed' or c.state = 'applied' and d.at > since)
	  and not exists ( -- its words name what lies out of the scope
		select from orderly.change_item t join orderly.interface i on i.code = split_part(t.code, '/', 1)
		where t.change = c.id and t.kind in ('interface', 'slo') and i.id <> all (mine))
	  and not exists (
		select from orderly.change_item t where t.change = c.id and t.kind in ('login', 'scope', 'credential'))
	union all
	(select 'note', n.id::text, n.interface, coalesce(i.code || ': ', '') || n.text,
		jsonb_build_object('by', p.name, 'at', n.at, 'on', n.object || ' ' || n.object_id)
	from orderly.note n join orderly.person p on p.id = n.person left join orderly.interface i on i.id = n.interface
	where n.at > since and (n.interface is null or n.interface = any (mine))
	order by n.id desc limit 50);
end;

-- The facts, held against the handover before. What a scope hides is not in it.
create function orderly.handover_list(last bigint, since timestamptz)
returns table (kind text, ref text, interface int, change text, title text, detail jsonb)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with mine as materialized (select orderly.my_interfaces() as ids),
	fact as materialized (
		select f.* from mine m, lateral orderly.handover_broken(m.ids) f
		union all
		select f.* from mine m, lateral orderly.handover_replays(m.ids, since) f
		union all
		select f.* from mine m, lateral orderly.handover_risks(m.ids,
			make_interval(hours => orderly.setting_int('handover.ahead_hours', 12))) f
		union all
		select f.* from mine m, lateral orderly.handover_words(m.ids, since) f
	),
	old as materialized (
		select i.kind, i.ref, i.interface, i.title, i.detail, k.lasts
		from orderly.handover_item i join orderly.handover_kind k on k.kind = i.kind
		where i.handover = last and i.change <> 'gone'
		  and (i.interface is null or i.interface = any (orderly.my_interfaces())))
	select f.kind, f.ref, f.interface, case when o.ref is null then 'new' else 'open' end, f.title,
		jsonb_strip_nulls(f.detail)
	from fact f left join old o on o.kind = f.kind and o.ref = f.ref
	union all
	select o.kind, o.ref, o.interface, 'gone', o.title, o.detail
	from old o where o.lasts and not exists (select from fact f where f.kind = o.kind and f.ref = o.ref);
end;

-- Begins a handover, or looks again at what is open for one that is still a draft. What was written to
-- an item stays with it, and is taken over from the handover before as long as it lasts.
create or replace function orderly.handover_draft() returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator']);
	h orderly.handover;
	last record;
	own jsonb;
	earlier jsonb;
begin
	if who.code is not null then
		return orderly.refuse('handover_draft', 'handover', null, who.code);
	end if;
	select t.id, coalesce(t.facts_at, t.drafted_at) as facts_at into last
	from orderly.handover t where t.state = 'done' order by t.id desc limit 1;
	insert into orderly.handover (outgoing, outgoing_login, interfaces, before)
	values (who.person, session_user, orderly.my_interfaces(), last.id)
	on conflict (outgoing) where state in ('draft', 'offered') do nothing;
	select * into h from orderly.handover t where t.outgoing = who.person and t.state in ('draft', 'offered') for update;
	if orderly.act_next('handover', 'write', h.state) is null then
		return orderly.refuse('handover_draft', 'handover', h.id::text, 'draft_open');
	end if;
	update orderly.handover t
	set before = last.id, interfaces = orderly.my_interfaces(), facts_at = clock_timestamp() where t.id = h.id;
	select jsonb_object_agg(i.kind || ' ' || i.ref, i.words) into own
	from orderly.handover_item i where i.handover = h.id and i.words is not null;
	select jsonb_object_agg(i.kind || ' ' || i.ref, i.words) into earlier
	from orderly.handover_item i
	where i.handover = last.id and i.words is not null and i.change <> 'gone'
	  and (i.interface is null or i.interface = any (orderly.my_interfaces()));
	delete from orderly.handover_item i where i.handover = h.id;
	insert into orderly.handover_item (handover, nr, kind, ref, interface, change, title, detail, words)
	select h.id, row_number() over (order by k.ord, array_position(array['new', 'open', 'gone'], l.change), l.title,
			l.ref),
		l.kind, l.ref, l.interface, l.change, left(l.title, 500), l.detail,
		coalesce(own ->> (l.kind || ' ' || l.ref), case when l.change = 'open' then earlier ->> (l.kind || ' ' || l.ref) end)
	from orderly.handover_list(last.id, coalesce(last.facts_at, now() - interval '12 hours')) l
	join orderly.handover_kind k on k.kind = l.kind;
	return orderly.done('handover_draft', 'handover', h.id::text, h.id, null, jsonb_build_object('items',
		(select count(*) from orderly.handover_item i where i.handover = h.id)));
end
$$;

-- The outgoing person signs; from here on it does not change. What is signed was true a moment ago.
create or replace function orderly.handover_offer(id bigint) returns orderly.result
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
			when orderly.act_next('handover', 'offer', h.state) is null then 'state'
			when coalesce(h.facts_at, h.drafted_at) < clock_timestamp()
				- make_interval(mins => orderly.setting_int('handover.fresh_minutes', 30)) then 'old_facts' end;
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

-- Leaves a trace that a handover is going to be written into a file, and gives what stands in its head.
create function orderly.handover_export(id bigint, file text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['support', 'operator', 'approver']);
	h orderly.handover;
	why text := who.code;
begin
	if why is null then
		select * into h from orderly.handover t where t.id = handover_export.id;
		why := case when h.id is null or not (h.interfaces && orderly.my_interfaces() or h.interfaces = '{}')
			then 'not_found' end;
	end if;
	if why is not null then
		return orderly.refuse('handover_export', 'handover', id::text, why);
	end if;
	return orderly.done('handover_export', 'handover', id::text, id, null, jsonb_build_object('file', left(file, 1000)));
end
$$;

grant select on orderly.handover_kind to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;
grant execute on function orderly.handover_export(bigint, text)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;
