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
