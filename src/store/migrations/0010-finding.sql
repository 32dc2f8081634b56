-- kind: transaction
-- Reading across birth days without paying for the days in between.

set local role orderly_{store}_owner;

-- The events of these transactions, as far as the caller may see them. A join would open every
-- partition there is; asked a birth day at a time, only its own is.
create function orderly.events_of(ids bigint[]) returns setof orderly.event
language plpgsql stable rows 20
set search_path = pg_catalog, orderly, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
	day date;
begin
	for day in select distinct m.born from orderly.message m where m.id = any (ids) order by 1 loop
		return query select e.* from orderly.event e where e.born = day and e.transaction = any (ids);
	end loop;
end
$$;

grant execute on function orderly.events_of(bigint[]) to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver;

-- The same of the masked payloads of one transaction.
create function orderly.renditions_of(id bigint) returns setof orderly.rendition
language plpgsql stable rows 3
set search_path = pg_catalog, orderly, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
	day date := (select m.born from orderly.message m where m.id = renditions_of.id);
begin
	return query select r.* from orderly.rendition r where r.born = day and r.transaction = renditions_of.id;
end
$$;

-- How many transactions of the same correlation lie outside of the caller's scope, counted up to a
-- hundred: who sees a part of a way is told that it is a part, and not of what.
create function orderly.legs_hidden(id bigint) returns int
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select count(*)::int
	from (
		select from orderly.message m
		where m.correlation_norm = (select o.correlation_norm from orderly.message o where o.id = legs_hidden.id)
		  and orderly.transaction_in_scope(legs_hidden.id)
		  and (m.interface <> all ((select orderly.my_interfaces())::int[])
		       or m.facility <> all ((select orderly.my_facilities())::smallint[]))
		limit 100) h;
end;

grant execute on function orderly.renditions_of(bigint), orderly.legs_hidden(bigint) to orderly_{store}_support,
	orderly_{store}_operator, orderly_{store}_approver;
