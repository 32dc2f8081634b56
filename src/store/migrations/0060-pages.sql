-- kind: transaction
-- What pages of the console ask that no table answers as it stands.

set local role orderly_{store}_owner;

-- What differs between two documents, field by field; NULL: there is none. The same words stand under
-- a version, in a proposal and in a dry run.
create function orderly.doc_differences(before jsonb, after jsonb)
returns table (field text, what text)
language sql immutable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select k.key, k.key || ': ' || case
		when before is null then after ->> k.key
		when after is null then before ->> k.key
		else coalesce(before ->> k.key, '-') || ' > ' || coalesce(after ->> k.key, '-') end
	from (select jsonb_object_keys(coalesce(before, '{}') || coalesce(after, '{}')) as key) k
	where before -> k.key is distinct from after -> k.key;
end;

grant execute on function orderly.doc_differences(jsonb, jsonb) to orderly_{store}_support,
	orderly_{store}_operator, orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin;

-- Which transaction this one is a replay of, and what it was replayed as, oldest first; nothing of one
-- that lies out of the caller's scope.
create function orderly.lineage_of(id bigint, out parent bigint, out children bigint[])
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	if orderly.transaction_in_scope(id) then
		parent := (select l.parent from orderly.lineage l where l.child = lineage_of.id);
		children := array(select l.child from orderly.lineage l where l.parent = lineage_of.id order by 1);
	end if;
end
$$;

grant execute on function orderly.lineage_of(bigint) to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver;

-- What who follows an interface has put up at it: the last note, and until when it is silenced. Nothing
-- for who only governs it, or has it not in scope.
create function orderly.interface_signs(interface int, out note text, out silenced_until timestamptz)
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	if orderly.my_roles() && array['support', 'operator', 'approver'] and interface_signs.interface = any (orderly.my_interfaces()) then
		note := (select n.text from orderly.note n
		         where n.object = 'interface' and n.object_id = interface_signs.interface order by n.id desc limit 1);
		silenced_until := (select max(s.until) from orderly.silence s
		                   where s.interface = interface_signs.interface and s.until > clock_timestamp());
	end if;
end
$$;

-- How many interfaces lie out of the caller's scope.
create function orderly.interfaces_hidden() returns int
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
return (select count(*)::int from orderly.interface i where i.id <> all (orderly.my_interfaces()));

-- How many objects a change is about, those out of the caller's scope too: what is hidden is counted.
create function orderly.change_size(id bigint) returns int
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
return (select count(*)::int from orderly.change_item i where i.change = change_size.id);

-- The problems that a refusal carries, in one line; NULL for none.
create function orderly.problems_text(detail jsonb) returns text
language sql immutable
set search_path = pg_catalog, orderly, pg_temp
return (select string_agg(concat_ws(' ', p ->> 'kind', p ->> 'code', p ->> 'text'), '; ')
        from jsonb_array_elements(case when jsonb_typeof(detail -> 'problems') = 'array'
                                       then detail -> 'problems' else '[]' end) p);

-- The rules for one target of an interface as they will be when the drafts are applied.
create function orderly.mask_rules_with(interface int, what text, drafts jsonb) returns orderly.mask_rule[]
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with draft as (
		select jsonb_populate_record(null::orderly.mask_rule,
			orderly.catalogue_norm('mask_rule', e ->> 'code', e - 'code')
			|| jsonb_build_object('code', e ->> 'code', 'id', 0, 'version', 0)) as r
		from jsonb_array_elements(drafts) e
	),
	merged as (
		select r from orderly.mask_rules(interface, what) r where r.code not in (select (d.r).code from draft d)
		union all
		select d.r
		from draft d
		join orderly.interface i on i.id = mask_rules_with.interface
		where (d.r).target = what and i.data_class = any ((d.r).classes)
		  and i.code like any (select orderly.glob_like(g) from unnest((d.r).interfaces) g)
	)
	select array(select b.r from merged b order by (b.r).ord, (b.r).code);
end;

-- One text under rules for that target, as it would be shown.
create function orderly.mask_sample(what text, rules orderly.mask_rule[], protected bool, sample text,
                                    content_type text, out shown text, out how text, out why text)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	r orderly.mask_rule;
begin
	if what in ('payload', 'locked') then
		select m.shown, m.how, m.why into shown, how, why
		from orderly.mask_body(sample, orderly.mask_format(sample, content_type), rules, protected) m;
		return;
	end if;
	shown := sample;
	foreach r in array rules loop
		shown := case when r.kind in ('all', 'header') then r.replacement
		         else regexp_replace(shown, r.matcher, r.replacement, 'g') end;
	end loop;
	how := case when shown = sample then 'plain' else 'masked' end;
end
$$;

-- Tries drafts of mask rules on a sample of the caller's own: how it is shown now, and how it would be, on
-- an interface that the first draft, or else the rule of that name, is for. One in scope is taken and told;
-- else one that is not told.
create function orderly.mask_preview(rule text, drafts jsonb, sample text, content_type text,
	out interface text, out now_shown text, out now_how text, out now_why text,
	out then_shown text, out then_how text, out then_why text)
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	probe orderly.mask_rule;
	i orderly.interface;
	mine constant int[] := orderly.my_interfaces();
	tried record;
begin
	if drafts -> 0 is not null then
		probe := jsonb_populate_record(null::orderly.mask_rule,
			orderly.catalogue_norm('mask_rule', drafts -> 0 ->> 'code', (drafts -> 0) - 'code'));
	else
		select * into probe from orderly.mask_rule r where r.code = rule;
	end if;
	select * into i from orderly.interface f
	where f.data_class = any (probe.classes)
	  and f.code like any (select orderly.glob_like(g) from unnest(probe.interfaces) g)
	order by f.id = any (mine) desc, f.code limit 1;
	interface := case when i.id = any (mine) then i.code end;
	select * into tried from orderly.mask_sample(probe.target,
		array(select r from orderly.mask_rules(i.id, probe.target) r),
		i.data_class in ('confidential', 'phi'), sample, content_type);
	now_shown := tried.shown;
	now_how := tried.how;
	now_why := tried.why;
	select * into tried from orderly.mask_sample(probe.target,
		orderly.mask_rules_with(i.id, probe.target, drafts),
		i.data_class in ('confidential', 'phi'), sample, content_type);
	then_shown := tried.shown;
	then_how := tried.how;
	then_why := tried.why;
end
$$;

grant execute on function orderly.interface_signs(int), orderly.interfaces_hidden(), orderly.change_size(bigint), orderly.problems_text(jsonb),
	orderly.mask_preview(text, jsonb, text, text)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;
