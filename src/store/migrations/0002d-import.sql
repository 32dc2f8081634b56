-- part
-- The whole as one document, in and out; setting up people; who may read what of all this.

-- A document {"format": 1, "system": [{"code": …, …}, …], …} as items; NULL when it is none.
create function orderly.catalogue_items(doc jsonb) returns jsonb
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	if jsonb_typeof(doc) is distinct from 'object' or doc -> 'format' is distinct from '1' then
		return null;
	end if;
	doc := doc - 'format' - 'store';
	if exists (select from jsonb_each(doc) e where jsonb_typeof(e.value) <> 'array') or exists (
		select from jsonb_each(doc) e, jsonb_array_elements(e.value) o where jsonb_typeof(o) <> 'object') then
		return null;
	end if;
	return (select coalesce(jsonb_agg(jsonb_build_object('kind', e.key, 'code', o ->> 'code',
			'doc', o - 'code')), '[]')
	        from jsonb_each(doc) e, jsonb_array_elements(e.value) o);
end
$$;

-- Books items that need no proposal.
create function orderly.catalogue_book(act text, how text, who int, items jsonb, reason text)
returns orderly.result
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	book bigint;
	problems jsonb;
begin
	problems := orderly.catalogue_apply(items, null, null);
	if problems <> '[]' then
		return orderly.refuse(act, 'catalogue', null, 'invalid', reason, jsonb_build_object('problems', problems));
	end if;
	insert into orderly.import (origin, person, login, reason)
	values (how, who, session_user, coalesce(btrim(reason), how)) returning id into book;
	problems := orderly.catalogue_apply(items, null, book);
	if problems <> '[]' then
		raise exception 'import %: sound when tried, and refused when applied: %', book, problems;
	end if;
	return orderly.done(act, 'catalogue', book::text, book, reason, jsonb_build_object(
		'objects', jsonb_array_length(items),
		'digest', encode(sha256(convert_to(items::text, 'UTF8')), 'hex')));
end
$$;

-- A whole catalogue, or a part of one. Into an empty store it goes at once, as an act of its own
-- kind; into any other as a proposal. What the document does not name stays as it is. A dry run
-- answers what would be new, changed and wrong, and leaves nothing behind.
create function orderly.catalogue_import(doc jsonb, dry_run bool, reason text default 'first import')
returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['admin']);
	setup bool := orderly.is_setup();
	items jsonb := orderly.catalogue_items(doc);
	changed jsonb;
	empty bool;
begin
	if who.code is not null and not setup then
		return orderly.refuse('catalogue_import', 'catalogue', null, who.code, reason);
	elsif items is null then
		return orderly.refuse('catalogue_import', 'catalogue', null, 'format', reason);
	elsif not orderly.has_reason(reason) then
		return orderly.refuse('catalogue_import', 'catalogue', null, 'reason', reason);
	end if;
	changed := orderly.catalogue_diff(items);
	if dry_run then
		return row (true, 'dry_run', 'nothing was changed', null, jsonb_build_object(
			'same', jsonb_array_length(items) - jsonb_array_length(changed),
			'changed', changed, 'problems', orderly.catalogue_apply(changed, null, null)))::orderly.result;
	end if;
	perform from orderly.store for update;
	empty := not exists (select from orderly.import where origin = 'first_import')
		and not exists (select from orderly.change where state = 'applied');
	if empty then
		return orderly.catalogue_book('first_import', 'first_import', who.person, changed, reason);
	elsif who.code is null then
		return orderly.change_freeze('catalogue_import', who.person, changed, reason, null);
	elsif exists (select from jsonb_array_elements(changed) e
	              join orderly.kind k on k.code = e ->> 'kind' where not k.setup) then
		return orderly.refuse('catalogue_import', 'catalogue', null, 'not_empty', reason);
	end if;
	return orderly.catalogue_book('setup', 'setup', null, changed, reason);
end
$$;

create function orderly.catalogue_export() returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['admin', 'approver', 'security']);
	doc jsonb := jsonb_build_object('format', 1, 'store', (select name from orderly.store));
	k record;
	part jsonb;
begin
	if who.code is not null and not orderly.is_setup() then
		return orderly.refuse('catalogue_export', 'catalogue', null, who.code);
	end if;
	for k in select code from orderly.kind order by ord loop
		execute format('select jsonb_agg(orderly.catalogue_norm(%1$L, o.code, to_jsonb(o))
		                || jsonb_build_object(''code'', o.code) order by o.code) from orderly.%1$I o', k.code)
			into part;
		doc := doc || jsonb_build_object(k.code, coalesce(part, '[]'));
	end loop;
	perform orderly.audit_add('catalogue_export', 'catalogue', null, 'done', null, null);
	return row (true, 'done', 'done', null, doc)::orderly.result;
end
$$;

-- Setting people up, for the store's owner: the first ones have nobody who could approve them.
create function orderly.setup_put(kind text, code text, doc jsonb) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	items jsonb := jsonb_build_array(jsonb_build_object('kind', kind, 'code', code, 'doc', doc));
begin
	if not orderly.is_setup()
	   or not exists (select from orderly.kind k where k.code = setup_put.kind and k.setup) then
		return orderly.refuse('setup', kind, code, 'not_set_up');
	end if;
	perform from orderly.store for update;
	items := orderly.catalogue_diff(items);
	if items = '[]' then
		return row (true, 'same', 'it was so already', null, null)::orderly.result;
	end if;
	return orderly.catalogue_book('setup', 'setup', null, items, kind || ' ' || code);
end
$$;

create function orderly.person_add(code text, name text, email text default null) returns orderly.result
language sql
set search_path = pg_catalog, orderly, pg_temp
return orderly.setup_put('person', code, jsonb_build_object('name', name, 'email', email));

-- person NULL: the login of a machine.
create function orderly.login_add(login text, person text) returns orderly.result
language sql
set search_path = pg_catalog, orderly, pg_temp
return orderly.setup_put('login', login, jsonb_build_object('person', person, 'machine', person is null));

create function orderly.scope_set(login text, interfaces text[], facilities text[], classes text[])
returns orderly.result
language sql
set search_path = pg_catalog, orderly, pg_temp
return orderly.setup_put('scope', login, jsonb_build_object('interfaces', interfaces,
	'facilities', facilities, 'classes', classes));

-- Makes a login a member of exactly these group roles. Runs with the caller's own rights.
create function orderly.member_set(login text, roles text[]) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	short text;
begin
	foreach short in array array['support', 'operator', 'approver', 'security', 'admin', 'ingest', 'worker'] loop
		if short = any (roles) then
			execute format('grant %I to %I', 'orderly_{store}_' || short, login);
		elsif short = any (orderly.roles_of(login)) then
			execute format('revoke %I from %I', 'orderly_{store}_' || short, login);
		end if;
	end loop;
	if exists (select from unnest(roles) r where r <> all (array['support', 'operator', 'approver',
	           'security', 'admin', 'ingest', 'worker'])) then
		raise exception 'member_set: no such role among %', roles using errcode = '22023';
	end if;
end
$$;

-- Taking rights away at once needs no second person; giving them back does.
create function orderly.login_block(login text, reason text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['security']);
	now_at record;
	book bigint;
	why text;
begin
	why := coalesce(who.code, case
		when not orderly.has_reason(reason) then 'reason'
		when not exists (select from orderly.login l where l.code = login) then 'not_found'
		when exists (select from orderly.login l where l.code = login and l.blocked) then 'nothing' end);
	if why is not null then
		return orderly.refuse('login_block', 'login', login, why, reason);
	end if;
	perform from orderly.store for update;
	now_at := orderly.catalogue_now('login', login);
	insert into orderly.import (origin, person, login, reason)
	values ('setup', who.person, session_user, btrim(reason)) returning id into book;
	perform orderly.catalogue_put('login', login, now_at.doc || '{"blocked": true}', null, book);
	return orderly.done('login_block', 'login', login, book, reason);
end
$$;

-- Rights. Interfaces and what hangs on them are seen within the scope; the rest of the catalogue
-- by everyone with a role; machines read none of it.
grant select on orderly.system, orderly.facility, orderly.partner, orderly.interface, orderly.slo,
	orderly.retention, orderly.setting, orderly.mask_rule, orderly.kind, orderly.change, orderly.change_item,
	orderly.change_decision, orderly.catalogue_version
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;
grant execute on function orderly.my_interfaces(), orderly.my_facilities(), orderly.catalogue_export(),
	orderly.catalogue_import(jsonb, bool, text), orderly.change_propose(jsonb, text),
	orderly.change_decide(bigint, bool, text), orderly.change_withdraw(bigint, text),
	orderly.change_rollback(bigint, text), orderly.login_block(text, text)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;

alter table orderly.interface enable row level security;
alter table orderly.slo enable row level security;
alter table orderly.catalogue_version enable row level security;
alter table orderly.change_item enable row level security;
create policy interface_read on orderly.interface for select
	using (id = any ((select orderly.my_interfaces())::int[]));
create policy slo_read on orderly.slo for select
	using (exists (select from orderly.interface i where i.code = slo.interface));

-- An object's history is seen by who sees the object.
create policy catalogue_version_read on orderly.catalogue_version for select using (case
	when kind in ('interface', 'slo')
		then exists (select from orderly.interface i where i.code = split_part(catalogue_version.code, '/', 1))
	when kind in ('login', 'scope')
		then (select orderly.my_roles()) && array['security', 'admin', 'approver']
	else true end);
create policy change_item_read on orderly.change_item for select using (case
	when kind in ('interface', 'slo') and base > 0
		then exists (select from orderly.interface i where i.code = split_part(change_item.code, '/', 1))
	when kind in ('login', 'scope', 'interface', 'slo')
		then (select orderly.my_roles()) && array['security', 'admin', 'approver']
	else true end);
