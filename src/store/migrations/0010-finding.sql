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

-- The transactions of the same correlation, up to a hundred, the one in question among them, and what
-- it was replayed as: those within the caller's scope, or how many lie outside of it, for who sees a
-- part of a way is told that it is a part, and not of what. The scope is fetched once; policies would
-- fetch it for each table that is looked at.
create function orderly.legs_of(id bigint, out ids bigint[], out hidden int)
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	mine constant int[] := orderly.my_interfaces();
	places constant smallint[] := orderly.my_facilities();
	way text;
begin
	select m.correlation_norm, array[m.id] into way, ids
	from orderly.message m
	where m.id = legs_of.id and m.interface = any (mine) and (m.facility is null or m.facility = any (places));
	hidden := 0;
	if ids is null then
		return;
	end if;
	ids := ids || array(
		select m.id from orderly.message m
		where m.correlation_norm = way and m.id <> legs_of.id
		  and m.interface = any (mine) and (m.facility is null or m.facility = any (places))
		limit 100);
	hidden := (
		select count(*) from (
			select from orderly.message m
			where m.correlation_norm = way
			  and not (m.interface = any (mine) and (m.facility is null or m.facility = any (places)))
			limit 100) h);
	ids := ids || array(
		select l.replayed_as from orderly.dead_letter l
		join orderly.message m on m.id = l.replayed_as
		where l.id = legs_of.id and l.replayed_as <> all (legs_of.ids)
		  and m.interface = any (mine) and (m.facility is null or m.facility = any (places)));
end
$$;

grant execute on function orderly.renditions_of(bigint), orderly.legs_of(bigint) to orderly_{store}_support,
	orderly_{store}_operator, orderly_{store}_approver;

-- What a filter asks of an identifier with wildcards: chr(1) stands for anything, chr(2) for one
-- character; no identifier in a filter holds these otherwise.
create function orderly.norm_like(pattern text) returns text
language sql immutable parallel safe
return translate(regexp_replace(orderly.norm(pattern), '([\\%])', '\\\1', 'g'), chr(1) || chr(2), '%_');

-- The last transaction that arrived before a time; 0 when none did. Numbers are given in the order of
-- arrival, so a few probes find it; at one moment, neighbours of parallel writers may stand either way.
create function orderly.transaction_before(at timestamptz) returns bigint
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
	day constant date := (at at time zone 'UTC')::date;
	low bigint := 0;
	high bigint := coalesce((select max(m.id) from orderly.message m), 0);
	mid bigint;
	probe record;
	late bool;
begin
	while low < high loop
		mid := (low + high) / 2;
		select m.id, m.born into probe from orderly.message m where m.id > mid order by m.id limit 1;
		late := not found or probe.born > day;
		if not late and probe.born = day then
			late := coalesce((select min(e.arrived) from orderly.event e
				where e.born = day and e.transaction = probe.id) >= transaction_before.at, false);
		end if;
		if late then
			high := mid;
		else
			low := probe.id;
		end if;
	end loop;
	return low;
end
$$;

grant execute on function orderly.norm_like(text), orderly.transaction_before(timestamptz)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;
