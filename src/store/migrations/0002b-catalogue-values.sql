-- part
-- What the catalogue means to a session, and how its objects are read, judged and put in.

-- What the session may see. Fetched once per statement when a policy says
-- "= any ((select orderly.my_interfaces())::int[])": the cast keeps the bracket from being a subquery.
create function orderly.my_interfaces() returns int[]
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return (
		select coalesce(array_agg(i.id order by i.id), '{}')
		from (
			select s.classes, array(select orderly.glob_like(g) from unnest(s.interfaces) g) as likes
			from orderly.login l
			join orderly.scope s on s.code = l.code
			left join orderly.person p on p.code = l.person
			where l.code = session_user::text and not l.blocked and coalesce(p.active, true)
			offset 0) m -- once, and not for each interface
		join orderly.interface i on i.data_class = any (m.classes) and i.code like any (m.likes));
end
$$;

create function orderly.my_facilities() returns smallint[]
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return (
		select coalesce(array_agg(f.id order by f.id), '{}')
		from orderly.login l
		join orderly.scope s on s.code = l.code
		cross join lateral (select array_agg(orderly.glob_like(g)) as likes from unnest(s.facilities) g) m
		join orderly.facility f on f.code like any (m.likes)
		left join orderly.person p on p.code = l.person
		where l.code = session_user::text and not l.blocked and coalesce(p.active, true));
end
$$;

-- The rules for one target of an interface, in the order in which they are applied.
create function orderly.mask_rules(interface int, what text) returns setof orderly.mask_rule
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select r.*
	from orderly.mask_rule r
	join orderly.interface i on i.id = mask_rules.interface
	where r.target = what and i.data_class = any (r.classes)
	  and i.code like any (select orderly.glob_like(g) from unnest(r.interfaces) g)
	order by r.ord, r.code;
end;

-- Error texts and business keys are masked when they are taken. Ingest asks once per call which
-- interfaces have such rules, and reads the rules of those alone.
create function orderly.mask_wanted(what text) returns int[]
language plpgsql stable -- keeps its plan, which a function in SQL would not
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return (select coalesce(array_agg(distinct i.id), '{}')
	        from orderly.mask_rule r
	        join orderly.interface i on i.data_class = any (r.classes)
	             and i.code like any (select orderly.glob_like(g) from unnest(r.interfaces) g)
	        where r.target = what);
end
$$;

create function orderly.mask_words(rules orderly.mask_rule[], words text) returns text
language plpgsql immutable strict
as $$
declare
	r orderly.mask_rule;
begin
	foreach r in array rules loop
		words := case r.kind when 'all' then r.replacement
		         else regexp_replace(words, r.matcher, r.replacement, 'g') end;
	end loop;
	return words;
end
$$;

create function orderly.mask_value(interface int, what text, value text) returns text
language sql stable
set search_path = pg_catalog, orderly, pg_temp
return orderly.mask_words(array(select r from orderly.mask_rules(interface, what) r), value);

create function orderly.setting_int(name text, otherwise int) returns int
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
return coalesce((select (value #>> '{}')::numeric::int from orderly.setting
                 where code = name and jsonb_typeof(value) = 'number'), otherwise);

-- The fields of a kind: the columns of its table that a document may name.
create function orderly.catalogue_fields(kind text) returns text[]
language sql stable
set search_path = pg_catalog, orderly, pg_temp
return (select array_agg(a.attname::text order by a.attnum)
        from pg_attribute a
        where a.attrelid = format('orderly.%I', kind)::regclass and a.attnum > 0
          and not a.attisdropped and a.attname not in ('id', 'version', 'code'));

-- A document as its table would give it back: defaults filled in, types as stored, no nulls.
create function orderly.catalogue_norm(kind text, code text, doc jsonb) returns jsonb
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	base jsonb := '{}';
	field record;
	value jsonb;
begin
	for field in select a.attname, pg_get_expr(d.adbin, d.adrelid) as expr
	             from pg_attribute a
	             join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
	             where a.attrelid = format('orderly.%I', kind)::regclass and not a.attisdropped loop
		execute format('select to_jsonb(%s)', field.expr) into value;
		base := base || jsonb_build_object(field.attname, value);
	end loop;
	doc := base || coalesce((select jsonb_object_agg(e.key, e.value) from jsonb_each(doc) e
	                         where e.value <> 'null'), '{}');
	execute format('select to_jsonb(jsonb_populate_record(null::orderly.%I, $1)) - ''id'' - ''version'' - ''code''',
	               kind) into doc using doc;
	return (select coalesce(jsonb_object_agg(e.key, e.value), '{}') from jsonb_each(doc) e
	        where e.value <> 'null');
end
$$;

-- The document of an object as it is now, and its last version (0: there never was one).
create function orderly.catalogue_now(kind text, code text, out doc jsonb, out version int)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	select v.doc, v.version into doc, version
	from orderly.catalogue_version v
	where v.kind = catalogue_now.kind and v.code = catalogue_now.code
	order by v.version desc limit 1;
	version := coalesce(version, 0);
end
$$;

-- Puts one object into its table and keeps the version. Raises where a constraint says no.
create function orderly.catalogue_put(kind text, code text, doc jsonb, change bigint, import bigint)
returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	now_at record := orderly.catalogue_now(kind, code);
	fields text[] := orderly.catalogue_fields(kind);
	next_id int;
begin
	if doc is null then
		execute format('delete from orderly.%I where code = $1', kind) using code;
	else
		doc := orderly.catalogue_norm(kind, code, doc);
		execute format('select coalesce((select id from orderly.%1$I where code = $1),
		                                (select max(id) + 1 from orderly.%1$I), 1)', kind)
			into next_id using code;
		execute format(
			'insert into orderly.%1$I (id, code, version, %2$s)
			 select $1, $2, $3, %2$s from jsonb_populate_record(null::orderly.%1$I, $4)
			 on conflict (code) do update set version = excluded.version, %3$s',
			kind,
			(select string_agg(quote_ident(f), ', ') from unnest(fields) f),
			(select string_agg(format('%1$I = excluded.%1$I', f), ', ') from unnest(fields) f))
			using next_id, code, now_at.version + 1, doc;
	end if;
	insert into orderly.catalogue_version (kind, code, version, doc, change, import)
	values (kind, code, now_at.version + 1, doc, change, import);
end
$$;

-- What is wrong with one object before any table is asked; NULL when nothing is.
create function orderly.catalogue_malformed(kind text, code text, doc jsonb) returns jsonb
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	k record;
	strange text;
begin
	select * into k from orderly.kind where kind.code = catalogue_malformed.kind;
	if k is null then
		return jsonb_build_object('problem', 'unknown_kind', 'text', 'there is no such kind of object');
	elsif code is null then
		return jsonb_build_object('problem', 'required', 'field', 'code', 'text', 'code: is required');
	elsif doc is null then
		if not k.removable then
			return jsonb_build_object('problem', 'not_removable',
				'text', 'objects of this kind are retired, not removed');
		end if;
		return null;
	elsif jsonb_typeof(doc) <> 'object' then
		return jsonb_build_object('problem', 'bad_value', 'text', 'is not a JSON object');
	end if;
	select min(e) into strange from jsonb_object_keys(doc) e
	where e <> all (orderly.catalogue_fields(kind));
	if strange is not null then
		return jsonb_build_object('problem', 'unknown_field', 'field', strange,
			'text', strange || ': there is no such field');
	end if;
	return null;
end
$$;

-- A constraint's complaint in the catalogue's own words: which field, and what about it.
create function orderly.catalogue_complaint(kind text, state text, field text, con text, words text)
returns jsonb
language plpgsql immutable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	name text := coalesce(nullif(field, ''), nullif(regexp_replace(
		regexp_replace(con, '^' || kind || '_', ''), '_(check|fkey|key)$', ''), ''));
	problem text := case
		when state = '23502' then 'required'
		when state = '23503' then 'unknown_reference'
		when state = '23514' then 'not_allowed'
		when state = '23505' then 'twice'
		else 'bad_value' end;
begin
	return jsonb_build_object('problem', problem, 'field', name, 'text',
		coalesce(name || ': ', '') || case problem
			when 'required' then 'is required'
			when 'unknown_reference' then 'names an object that is not there, or is still needed'
			when 'not_allowed' then 'this value is not allowed'
			when 'twice' then 'is there already'
			else words end);
end
$$;

-- Links between objects that no foreign key holds, because they may point either way.
create function orderly.catalogue_dangling() returns setof jsonb
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select jsonb_build_object('kind', 'system', 'code', s.code, 'field', 'depends_on',
		'problem', 'unknown_reference', 'text', 'depends_on: there is no system "' || d || '"')
	from orderly.system s, unnest(s.depends_on) d
	where d = s.code or not exists (select from orderly.system o where o.code = d)
	union all
	select jsonb_build_object('kind', 'interface', 'code', i.code, 'field', 'twin',
		'problem', 'unknown_reference', 'text', 'twin: there is no interface "' || i.twin || '"')
	from orderly.interface i
	where i.twin is not null and not exists (select from orderly.interface o where o.code = i.twin);
end;

-- Puts all of the items in, or none; answers what is wrong with each. With neither a change nor an
-- import to book them on it only tries. Each item has its own subtransaction, so that one pass
-- finds every problem: catalogues change rarely enough for that.
create function orderly.catalogue_apply(items jsonb, change bigint, import bigint) returns jsonb
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	problems jsonb := '[]';
	trial bool := change is null and import is null;
	item record;
	problem jsonb;
	at_field text;
	at_con text;
begin
	if trial then
		insert into orderly.import (origin, login, reason) values ('setup', session_user, 'trial')
		returning id into import;
	end if;
	for item in
		select e ->> 'kind' as kind, e ->> 'code' as code, nullif(e -> 'doc', 'null') as doc,
		       row_number() over (partition by e ->> 'kind', e ->> 'code') as again
		from jsonb_array_elements(items) e
		left join orderly.kind k on k.code = e ->> 'kind'
		order by nullif(e -> 'doc', 'null') is null,
		         case when nullif(e -> 'doc', 'null') is null then -k.ord else k.ord end, e ->> 'code'
	loop
		problem := orderly.catalogue_malformed(item.kind, item.code, item.doc);
		if problem is null and item.again > 1 then
			problem := jsonb_build_object('problem', 'twice', 'text', 'is named twice');
		end if;
		if problem is null then
			begin
				perform orderly.catalogue_put(item.kind, item.code, item.doc, change, import);
			exception when others then
				get stacked diagnostics at_field = column_name, at_con = constraint_name;
				problem := orderly.catalogue_complaint(item.kind, sqlstate, at_field, at_con, sqlerrm);
			end;
		end if;
		if problem is not null then
			problems := problems || (jsonb_build_object('kind', item.kind, 'code', item.code) || problem);
		end if;
	end loop;
	if problems = '[]' then
		select coalesce(jsonb_agg(d), '[]') into problems from orderly.catalogue_dangling() d;
	end if;
	if trial or problems <> '[]' then
		raise exception using errcode = 'OR000', message = 'taken back';
	end if;
	return problems;
exception when sqlstate 'OR000' then
	return problems;
end
$$;

-- The items that differ from what is there, each with where it starts from. Comparing needs the
-- stored form ("after"); what cannot be brought into it counts as different and is judged when it is
-- tried.
create function orderly.catalogue_diff(items jsonb) returns jsonb
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	answer jsonb := '[]';
	item jsonb;
	was record;
	doc jsonb;
begin
	for item in select e from jsonb_array_elements(items) e loop
		was := orderly.catalogue_now(item ->> 'kind', item ->> 'code');
		doc := nullif(item -> 'doc', 'null');
		if doc is not null then
			begin
				doc := orderly.catalogue_norm(item ->> 'kind', item ->> 'code', doc);
			exception when others then
				null; -- named by the trial
			end;
		end if;
		-- A version that was kept before its kind got another field has not changed by that.
		if was.doc is not null then
			was.doc := orderly.catalogue_norm(item ->> 'kind', item ->> 'code', was.doc);
		end if;
		if doc is distinct from was.doc then
			answer := answer || jsonb_build_object('kind', item ->> 'kind', 'code', item ->> 'code',
				'base', was.version, 'before', was.doc, 'doc', item -> 'doc', 'after', doc);
		end if;
	end loop;
	return answer;
end
$$;
