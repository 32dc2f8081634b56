-- part
-- What must always hold of rights, catalogue and audit; check_invariants() puts it beside its own.
create function orderly.check_rights() returns table (name text, ok bool, detail text)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	groups text[] := array['orderly_{store}_support', 'orderly_{store}_operator', 'orderly_{store}_approver',
		'orderly_{store}_security', 'orderly_{store}_admin', 'orderly_{store}_ingest', 'orderly_{store}_worker'];
	found text;
	k record;
begin
	select string_agg(distinct g || ' ' || c.relname, ', ') into found
	from pg_class c, unnest(groups) g
	where c.relnamespace = 'orderly'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
	  and (has_table_privilege(g, c.oid, 'insert, update, delete, truncate, references, trigger')
	       or has_any_column_privilege(g, c.oid, 'insert, update, references'));
	return query select 'no group role writes a table', found is null, found;

	select string_agg(g || ' ' || c.relname, ', ') into found
	from pg_class c, unnest(groups) g
	where c.relnamespace = 'orderly'::regnamespace
	  and (c.relname in ('payload', 'audit_key') or c.relispartition)
	  and c.relkind in ('r', 'p') and has_any_column_privilege(g, c.oid, 'select');
	return query select 'no group role reads raw payloads or a partition', found is null, found;

	select string_agg(p.oid::regprocedure::text, ', ') into found
	from pg_proc p
	where p.pronamespace = 'orderly'::regnamespace
	  and (has_function_privilege('public', p.oid, 'execute')
	       or p.prosecdef and not coalesce(
	           p.proconfig @> array['search_path=pg_catalog, orderly, pg_temp'], false));
	return query select 'functions are granted by name and pinned', found is null, found;

	select string_agg(r.rolname, ', ') into found
	from pg_roles r
	where r.rolname = any (array_append(groups, 'orderly_{store}_owner'))
	  and (r.rolcanlogin or r.rolsuper or r.rolbypassrls or r.rolcreaterole);
	return query select 'group roles cannot connect, nor do more than their grants', found is null, found;

	-- A login that owns the schema could do without every rule.
	select string_agg(l.code, ', ') into found
	from orderly.login l join pg_roles r on r.rolname = l.code
	where l.person is not null and (r.rolsuper or r.rolbypassrls or r.rolcreaterole
	      or exists (select from pg_auth_members m join pg_roles o on o.oid = m.roleid
	                 where m.member = r.oid and o.rolname = 'orderly_{store}_owner'));
	return query select 'no person of the store works with the rights of its owner', found is null, found;

	select string_agg(d.change::text, ', ') into found
	from orderly.change_decision d join orderly.change c on c.id = d.change
	where d.proposer <> c.proposer or d.decider = c.proposer
	   or (c.state = 'applied') <> (d.verdict = 'approved');
	return query select 'each decided change has the eyes of two persons', found is null, found;

	found := null;
	for k in select code from orderly.kind loop
		execute format(
			'select concat_ws('', '', $1, string_agg(%1$L || '' '' || coalesce(o.code, v.code), '', ''))
			 from orderly.%1$I o
			 full join (select distinct on (code) * from orderly.catalogue_version where kind = %1$L
			            order by code, version desc) v on v.code = o.code
			 where o.version is distinct from v.version and not (o.code is null and v.doc is null)
			    or o.code is not null and orderly.catalogue_norm(%1$L, v.code, v.doc) is distinct from
			       orderly.catalogue_norm(%1$L, o.code, to_jsonb(o))', k.code)
			into found using found;
		found := nullif(found, '');
	end loop;
	return query select 'each object is as its last version says', found is null, found;

	select string_agg(y.transaction || '/' || encode(y.key, 'hex'), ', ') into found
	from (select p.transaction, p.key from orderly.payload p
	      where not exists (select from orderly.rendition r
	                        where r.born = p.born and r.transaction = p.transaction and r.key = p.key)
	        and not exists (select from orderly.mask_pending w
	                        where w.born = p.born and w.transaction = p.transaction and w.key = p.key)
	      limit 10) y;
	return query select 'each payload has a masked rendition or waits for one', found is null, found;

	select string_agg(y.transaction || '/' || encode(y.key, 'hex'), ', ') into found
	from (select r.transaction, r.key from orderly.rendition r
	      where not exists (select from orderly.payload p
	                        where p.born = r.born and p.transaction = r.transaction and p.key = r.key
	                          and p.facility is not distinct from r.facility)
	      limit 10) y;
	return query select 'each rendition stands beside its payload', found is null, found;

	select string_agg(w.problem || coalesce(' at ' || w.nr, ''), ', ') into found
	from (select e.nr, e.problem from orderly.audit_ends(null) e
	      union all
	      select e.nr, e.problem
	      from orderly.audit_chain c
	      left join (select a.nr, a.hash from orderly.audit_anchor a order by a.nr desc limit 1) a on true
	      cross join lateral orderly.audit_walk(
	          coalesce(a.hash, sha256(convert_to('orderly audit of {store}', 'UTF8'))),
	          coalesce(a.nr, 0) + 1, c.nr) e) w;
	return query select 'the audit is whole', found is null, found;
end
$$;
