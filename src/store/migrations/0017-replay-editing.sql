-- kind: transaction
-- Edited payloads: who may put another one in the place of what was recorded, which fields must stay, and
-- how whoever decides sees what was changed.

set local role orderly_{store}_owner;

-- Whether the session sees all that the request is about.
create function orderly.replay_in_scope(request bigint) returns bool
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select exists (select from orderly.replay_item i where i.request = replay_in_scope.request)
	   and not exists (
		select from orderly.replay_item i
		where i.request = replay_in_scope.request
		  and (i.interface <> all ((select orderly.my_interfaces())::int[])
		       or i.facility <> all ((select orderly.my_facilities())::smallint[])));
end;

-- A document as paths and values.
create function orderly.flatten(doc jsonb, path text default '') returns table (place text, value text)
language plpgsql immutable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	if jsonb_typeof(doc) = 'object' and doc <> '{}' then
		return query select f.place, f.value
		from jsonb_each(doc) e, orderly.flatten(e.value, path || '/' || e.key) f;
	elsif jsonb_typeof(doc) = 'array' and doc <> '[]' then
		return query select f.place, f.value
		from jsonb_array_elements(doc) with ordinality e (v, n), orderly.flatten(e.v, path || '/' || (e.n - 1)) f;
	else
		place := path;
		value := doc::text;
		return next;
	end if;
end
$$;

-- The same for a text of any format that mask_format() knows: fields of segments, tags by their name
-- with what follows them, cells, else lines.
create function orderly.flatten_text(words text, format text) returns table (place text, value text)
language plpgsql immutable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	if format = 'json' then
		return query select f.place, f.value from orderly.flatten(words::jsonb) f;
	elsif format in ('hl7', 'x12') then
		return query
		select format('line %s %s-%s', l.n, left(split_part(l.v, substr(words, 4, 1), 1), 5), f.n - 1), f.v
		from regexp_split_to_table(words, case format when 'x12' then E'\r\n|\r|\n|~' else E'\r\n|\r|\n' end)
			with ordinality l (v, n)
		cross join unnest(string_to_array(l.v, substr(words, 4, 1))) with ordinality f (v, n) where f.n > 1;
	elsif format = 'xml' then
		return query
		select format('<%s> %s', g.tag, row_number() over (partition by g.tag order by t.n)), btrim(t.v, E' \t\r\n')
		from unnest(string_to_array(words, '<')) with ordinality t (v, n)
		cross join lateral (select coalesce(substring(t.v from '^/?[^\s>/]+'), '') as tag) g;
	elsif format = 'csv' then
		return query select format('line %s column %s', l.n, f.n), f.v
		from regexp_split_to_table(words, E'\r\n|\r|\n') with ordinality l (v, n)
		cross join unnest(string_to_array(l.v, coalesce(substring(words from E'^[^,;\t\n]*([,;\t])'), ','))) with ordinality f (v, n);
	else
		return query select 'line ' || t.n, t.v from regexp_split_to_table(words, E'\r\n|\r|\n') with ordinality t (v, n);
	end if;
end
$$;

create function orderly.flatten_body(body bytea, content_type text) returns table (place text, value text)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	words text;
begin
	words := convert_from(body, 'UTF8');
	return query select f.place, f.value from orderly.flatten_text(words, orderly.mask_format(words, content_type)) f;
exception when character_not_in_repertoire then
	return query select 'bytes', length(body) || ' ' || encode(sha256(body), 'hex');
end
$$;

-- The fields of a body that these rules name: those that masking changes. A body of which that cannot be
-- told is locked as a whole.
create function orderly.locked_fields(body bytea, content_type text, rules orderly.mask_rule[])
returns table (place text, value text)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	words text;
	format text;
	m record;
begin
	words := convert_from(body, 'UTF8');
	format := orderly.mask_format(words, content_type);
	m := orderly.mask_body(words, format, rules, false);
	if m.how = 'masked' then
		return query
		select o.place, o.value from orderly.flatten_text(words, format) o
		left join orderly.flatten_text(m.shown, orderly.mask_format(m.shown, content_type)) s on s.place = o.place
		where s.value is distinct from o.value;
	elsif m.how = 'whole' and m.why not like 'no rule covers %' then
		return query select 'all of it', encode(sha256(body), 'hex');
	end if;
exception when character_not_in_repertoire then
	return query select 'all of it', encode(sha256(body), 'hex');
end
$$;

-- Where an edited body differs from the recorded one in fields that the mask table locks.
create function orderly.replay_locked(interface int, content_type text, before bytea, after bytea) returns text[]
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	rules constant orderly.mask_rule[] := array(
		select r from orderly.mask_rules(interface, 'payload') r union all
		select r from orderly.mask_rules(interface, 'locked') r);
begin
	if rules = '{}' then
		return '{}';
	end if;
	return array(
		select coalesce(a.place, b.place)
		from orderly.locked_fields(before, content_type, rules) a
		full join orderly.locked_fields(after, content_type, rules) b on b.place = a.place
		where a.value is distinct from b.value order by 1 limit 20);
end
$$;

-- Puts another payload in the place of an item's, by who asked and has seen the recorded one under a
-- grant. Makes a new revision: what was decided about the one before is void.
create function orderly.replay_edit(item bigint, content_type text, body bytea, reason text)
returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator']);
	r orderly.replay_request;
	i orderly.replay_item;
	recorded record;
	locked text[];
	digest bytea;
	key text;
	why text := who.code;
begin
	if why is null then
		select q.* into r from orderly.replay_item t join orderly.replay_request q on q.id = t.request
		where t.id = item for update of q;
		select * into i from orderly.replay_item t where t.id = item for update;
		why := case
			when i.id is null or not orderly.in_scope(i.interface, i.facility) then 'not_found'
			when r.asker <> who.person then 'not_asker'
			when orderly.act_next('replay_request', 'edit', r.state) is null then 'state'
			when r.policy = 'emergency' then 'emergency'
			when not orderly.has_reason(reason) then 'reason'
			when body is null or length(body) > 16777216 then 'text'
			when not exists (select from orderly.payload_grant g
			                 where g.transaction = i.dead_letter and g.person = who.person
			                   and g.xid <> pg_current_xact_id() and g.ended_at is null
			                   and g.until > clock_timestamp()) then 'grant' end;
	end if;
	if why is null then
		select y.* into recorded from orderly.replay_payload(i.dead_letter, i.born) y;
		locked := orderly.replay_locked(i.interface, recorded.content_type, recorded.body, body);
		why := case when locked <> '{}' then 'locked' end;
	end if;
	if why is not null then
		return orderly.refuse('replay_edit', 'replay_item', item::text, why, reason,
			case why when 'locked' then jsonb_build_object('fields', locked) end);
	end if;
	digest := orderly.payload_digest(content_type, recorded.headers, body);
	select orderly.replay_key(i.dead_letter, i.born, f.code, m.message_id, digest) into key
	from orderly.interface f, orderly.message m where f.id = i.interface and m.id = i.dead_letter;
	if r.state = 'approved' then
		update orderly.replay_item t set go = false, head = false where t.request = r.id;
		perform orderly.dead_letters_step('replay_end',
			array(select t.dead_letter from orderly.replay_item t where t.request = r.id and t.live));
	end if;
	update orderly.replay_item t set sent_digest = digest, idempotency_key = key where t.id = i.id;
	update orderly.replay_request q
	set revision = q.revision + 1, edited = true, needed = greatest(q.needed, 1), approved_at = null,
		policy = case when q.needed = 0 then 'one' else q.policy end,
		state = orderly.act_next('replay_request', 'edit', q.state), changed_at = clock_timestamp()
	where q.id = r.id returning * into r;
	insert into orderly.replay_edit (item, revision, content_type, body, digest)
	values (i.id, r.revision, content_type, body, digest);
	insert into orderly.replay_revision (request, revision, asker, digest, why)
	values (r.id, r.revision, r.asker, orderly.replay_digest(r.id), btrim(reason));
	perform pg_notify('orderly', 'replay');
	return orderly.done('replay_edit', 'replay_item', item::text, r.id, reason, jsonb_build_object(
		'request', r.id, 'revision', r.revision, 'before', encode(i.sent_digest, 'hex'), 'digest', encode(digest, 'hex')));
end
$$;

-- Leaves a trace that the session is going to look at what was edited.
create function orderly.replay_look(item bigint) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['approver', 'operator']);
	r record;
	why text := who.code;
begin
	select i.interface, i.facility, q.revision, q.id into r
	from orderly.replay_item i join orderly.replay_request q on q.id = i.request where i.id = item;
	why := coalesce(why, case when r.id is null or not orderly.in_scope(r.interface, r.facility) then 'not_found' end);
	if why is not null then
		return orderly.refuse('replay_look', 'replay_item', item::text, why);
	end if;
	insert into orderly.replay_look (item, revision, person) values (item, r.revision, who.person)
	on conflict do nothing;
	return orderly.done('replay_look', 'replay_item', item::text, r.id, null,
		jsonb_build_object('revision', r.revision));
end
$$;

-- Only what was changed: place, before, after. Wants a look (replay_look) that was committed before.
create function orderly.replay_changes(item bigint)
returns table (code text, place text, before text, after text)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['approver', 'operator']);
	i record;
	why text := who.code;
begin
	select t.*, q.revision as now_revision into i
	from orderly.replay_item t join orderly.replay_request q on q.id = t.request where t.id = item;
	why := coalesce(why, case
		when i.id is null or not orderly.in_scope(i.interface, i.facility) then 'not_found'
		when not exists (select from orderly.replay_look l
		                 where l.item = replay_changes.item and l.person = who.person and l.revision = i.now_revision
		                   and l.xid <> pg_current_xact_id()) then 'looked' end);
	if why is not null then
		return query select (orderly.refuse('replay_changes', 'replay_item', item::text, why)).code,
			null::text, null::text, null::text;
		return;
	end if;
	return query
	select 'done', coalesce(a.place, b.place), a.value, b.value
	from (select f.* from orderly.replay_payload(i.dead_letter, i.born) p, orderly.flatten_body(p.body, p.content_type) f) a
	full join (select f.* from (select e.body, e.content_type from orderly.replay_edit e where e.item = replay_changes.item
	                            order by e.revision desc limit 1) e, orderly.flatten_body(e.body, e.content_type) f) b
		on b.place = a.place
	where a.value is distinct from b.value and exists (
		select from orderly.replay_edit e where e.item = replay_changes.item)
	order by 2;
end
$$;

grant execute on function orderly.replay_edit(bigint, text, bytea, text), orderly.replay_look(bigint),
	orderly.replay_changes(bigint)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;
