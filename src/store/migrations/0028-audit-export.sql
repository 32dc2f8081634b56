-- kind: transaction
-- Exporting the audit leaves a trace in it before anything is given out.

set local role orderly_{store}_owner;

-- what: the filter and where it goes, as the console says it. The head that is answered belongs into
-- what is exported: with it the export can be held against the chain later.
create function orderly.audit_export(what jsonb, reason text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['security', 'approver']);
	why text;
begin
	why := coalesce(who.code, case when not orderly.has_reason(reason) then 'reason'
	                               when length(what::text) > 4000 then 'text' end);
	if why is not null then
		return orderly.refuse('audit_export', 'audit', null, why, reason);
	end if;
	return orderly.done('audit_export', 'audit', null, null, reason,
		jsonb_build_object('what', what, 'head', orderly.audit_head()));
end
$$;

grant execute on function orderly.audit_export(jsonb, text)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;
