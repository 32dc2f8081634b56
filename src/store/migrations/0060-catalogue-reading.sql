-- kind: transaction
-- What the console and the command line ask of the catalogue's changes.

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
