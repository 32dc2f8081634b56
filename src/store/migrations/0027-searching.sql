-- kind: transaction
-- Looking through masked payloads on the record, lists that leave as files, and when one last looked.

set local role orderly_{store}_owner;

-- Asks to look through the masked renditions of what arrived within a window: of the last day, when none
-- is given. Everyone reads renditions anyway; that somebody goes through all of them is written down
-- before the first is read. `filter` is what the person looks for, for the record.
create function orderly.search_ask(interfaces int[], since timestamptz, upto timestamptz, filter text)
returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['support', 'operator', 'approver']);
	ends constant timestamptz := least(coalesce(upto, clock_timestamp()), clock_timestamp());
	begins constant timestamptz := coalesce(since, ends - interval '1 day');
	hours constant int := orderly.setting_int('search.max_hours', 168);
	why text;
	made orderly.payload_grant;
begin
	why := coalesce(who.code, case
		when coalesce(cardinality(interfaces), 0) = 0 or array_position(interfaces, null) is not null
		     or not interfaces <@ orderly.my_interfaces() then 'scope'
		when not (begins < ends and ends <= begins + make_interval(hours => hours, mins => 1)) then 'window' end);
	if why is not null then
		return orderly.refuse('search_ask', 'payload', null, why, null,
			jsonb_build_object('filter', left(filter, 1000), 'hours', hours));
	end if;
	insert into orderly.payload_grant (what, person, login, interfaces, since, upto, above, last, filter,
		reason, until)
	values ('look', who.person, session_user, interfaces, begins, ends, orderly.transaction_before(begins),
		orderly.transaction_before(ends), left(filter, 1000), 'looks through masked payloads',
		clock_timestamp() + make_interval(mins => orderly.setting_int('reveal.max_minutes', 30)))
	returning * into made;
	return orderly.done('search_ask', 'payload', null, made.id, null,
		jsonb_build_object('grant', made.id, 'filter', made.filter, 'since', to_jsonb(begins),
			'upto', to_jsonb(ends), 'first_day', (begins at time zone 'UTC')::date,
			'last_day', (ends at time zone 'UTC')::date, 'interfaces', cardinality(interfaces)));
end
$$;

-- What a look may see: transactions above one number and up to another. Refusals come as a row.
create function orderly.search_window(grant_id bigint, out code text, out message text, out above bigint,
                                      out last bigint)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['support', 'operator', 'approver']);
	g orderly.payload_grant;
	r orderly.result;
begin
	select * into g from orderly.payload_grant where id = grant_id;
	code := coalesce(who.code, case
		when g.id is null or g.person <> who.person or g.login <> session_user::text or g.what <> 'look' then 'grant'
		when g.xid = pg_current_xact_id_if_assigned() then 'grant_same'
		when g.ended_at is not null or g.until <= clock_timestamp() then 'grant_ended' end);
	if code is not null then
		r := orderly.refuse('search_window', 'grant', grant_id::text, code);
		message := r.message;
		above := 0;
		last := 0;
		return;
	end if;
	code := 'done';
	above := g.above;
	last := g.last;
end
$$;

-- The next renditions of a look, as far as the caller may see them, from behind a place, until so many
-- rows or bytes are together: always in the order of the key, so that a page costs a page however wide
-- the window is.
create function orderly.renditions_below(below bigint, below_key bytea, above bigint, first_day date, last_day date,
                                         interfaces int[], most int, most_bytes bigint)
returns setof orderly.rendition
language plpgsql stable rows 1000
set search_path = pg_catalog, orderly, pg_temp
set plan_cache_mode = force_custom_plan -- so that only the partitions of those days are opened
set enable_sort = off
set enable_bitmapscan = off
as $$
declare
	r orderly.rendition;
	bytes bigint := 0;
begin
	for r in
		select y.* from orderly.rendition y
		where y.born >= first_day and y.born <= last_day and (y.transaction, y.key) < (below, below_key)
		  and y.transaction > above and y.interface = any (interfaces)
		order by y.transaction desc, y.key desc limit most
	loop
		return next r;
		bytes := bytes + r.bytes;
		exit when bytes >= most_bytes;
	end loop;
end
$$;
grant execute on function orderly.renditions_below(bigint, bytea, bigint, date, date, int[], int, bigint)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;

-- A list leaves as a file: who took which, before the first row is read.
create function orderly.list_export(list text, filter text, format text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['support', 'operator', 'approver']);
	why text := coalesce(who.code, case
		when coalesce(list !~ '^[a-z][a-z-]{0,40}$', true) or coalesce(format, '') not in ('csv', 'jsonl') then 'text' end);
begin
	if why is not null then
		return orderly.refuse('list_export', 'list', left(list, 41), why);
	end if;
	return orderly.done('list_export', 'list', list, null, null,
		jsonb_build_object('filter', left(filter, 4000), 'format', format));
end
$$;

-- When a person last looked at what is new.
create table orderly.last_look (
	person int not null references orderly.person (id),
	view text not null check (view ~ '^[a-z][a-z-]{0,40}$'),
	at timestamptz not null,
	primary key (person, view)
);

create function orderly.looked(view text) returns timestamptz
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select l.at from orderly.last_look l where l.person = orderly.my_person() and l.view = looked.view;
end;

-- Now; null for who is no person. Concerns nobody else, so it leaves no trace in the audit.
create function orderly.look(view text) returns timestamptz
language sql security definer
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	insert into orderly.last_look as l (person, view, at)
	select me, look.view, clock_timestamp() from orderly.my_person() me
	where me is not null and look.view ~ '^[a-z][a-z-]{0,40}$'
	on conflict (person, view) do update set at = excluded.at
	returning at;
end;

grant execute on function orderly.search_ask(int[], timestamptz, timestamptz, text), orderly.search_window(bigint),
	orderly.list_export(text, text, text), orderly.looked(text), orderly.look(text)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;
