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
