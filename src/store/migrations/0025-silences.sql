-- kind: transaction
-- Silences, and the filters that people keep.

set local role orderly_{store}_owner;

insert into orderly.refusal_code values
	('name', 'a name has 1 to 60 characters');

-- Who does not want to hear of what until when. interface NULL: of none; rule NULL: of nothing there.
create table orderly.silence (
	id bigint generated always as identity primary key,
	interface int,
	rule text,
	person int not null references orderly.person (id),
	login text not null,
	at timestamptz not null default clock_timestamp(),
	until timestamptz not null,
	reason text not null,
	ended_at timestamptz,
	ended_by int references orderly.person (id)
);
create index silence_live on orderly.silence (until) where ended_at is null;

-- interface NULL: all that the session sees nothing hidden of, so only with the widest scope.
create function orderly.silence_add(interface int, rule text, until timestamptz, reason text)
returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator']);
	why text;
	new_id bigint;
begin
	why := coalesce(who.code, case
		when not orderly.has_reason(reason) then 'reason'
		when interface is not null and not interface = any (orderly.my_interfaces()) then 'not_found'
		when interface is null and exists (select from orderly.interface i where i.id <> all (orderly.my_interfaces()))
			then 'scope'
		when length(rule) > 60 then 'text'
		when until is null or until <= clock_timestamp() or until > clock_timestamp()
			+ make_interval(days => orderly.setting_int('silence.days', 7)) then 'until' end);
	if why is not null then
		return orderly.refuse('silence_add', 'interface', interface::text, why, reason);
	end if;
	insert into orderly.silence (interface, rule, person, login, until, reason)
	values (interface, nullif(btrim(rule), ''), who.person, session_user, until, btrim(reason)) returning id into new_id;
	perform pg_notify('orderly', 'silence');
	return orderly.done('silence_add', 'silence', new_id::text, new_id, reason,
		jsonb_build_object('interface', interface, 'rule', rule, 'until', until));
end
$$;

create function orderly.silence_end(id bigint, reason text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator']);
	s orderly.silence;
	why text := who.code;
begin
	if why is null then
		select * into s from orderly.silence t where t.id = silence_end.id for update;
		why := case
			when s.id is null or s.interface is not null and s.interface <> all (orderly.my_interfaces()) then 'not_found'
			when not orderly.has_reason(reason) then 'reason'
			when s.ended_at is not null or s.until <= clock_timestamp() then 'state' end;
	end if;
	if why is not null then
		return orderly.refuse('silence_end', 'silence', id::text, why, reason);
	end if;
	update orderly.silence t set ended_at = clock_timestamp(), ended_by = who.person where t.id = s.id;
	perform pg_notify('orderly', 'silence');
	return orderly.done('silence_end', 'silence', id::text, id, reason);
end
$$;

create function orderly.silenced(interface int, rule text, at timestamptz default clock_timestamp()) returns bool
language sql stable
set search_path = pg_catalog, orderly, pg_temp
return exists (
	select from orderly.silence s
	where s.until > silenced.at and s.at <= silenced.at and (s.ended_at is null or s.ended_at > silenced.at)
	  and (s.interface is null or s.interface = silenced.interface)
	  and (s.rule is null or s.rule = silenced.rule));

create table orderly.saved_filter (
	id bigint generated always as identity primary key,
	person int not null references orderly.person (id),
	view text not null check (view ~ '^[a-z][a-z-]{0,40}$'),
	name text not null check (length(name) between 1 and 60),
	filter text not null check (length(filter) <= 4000),
	shared bool not null default false,
	saved_at timestamptz not null default clock_timestamp(),
	unique (person, view, name)
);

-- Saves under a name; the same name again replaces.
create function orderly.filter_save(view text, name text, filter text, shared bool default false)
returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['support', 'operator', 'approver', 'security', 'admin']);
	why text;
	new_id bigint;
begin
	why := coalesce(who.code, case
		when coalesce(length(btrim(name)), 0) not between 1 and 60 then 'name'
		when coalesce(view !~ '^[a-z][a-z-]{0,40}$', true) or filter is null or length(filter) > 4000 then 'text' end);
	if why is not null then
		return orderly.refuse('filter_save', 'filter', name, why);
	end if;
	insert into orderly.saved_filter as f (person, view, name, filter, shared)
	values (who.person, view, btrim(name), filter, coalesce(shared, false))
	on conflict on constraint saved_filter_person_view_name_key do update
	set filter = excluded.filter, shared = excluded.shared, saved_at = clock_timestamp()
	returning f.id into new_id;
	return orderly.done('filter_save', 'filter', new_id::text, new_id, null,
		jsonb_build_object('view', view, 'name', btrim(name), 'shared', coalesce(shared, false)));
end
$$;

create function orderly.filter_drop(id bigint) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['support', 'operator', 'approver', 'security', 'admin']);
begin
	if who.code is null then
		delete from orderly.saved_filter f where f.id = filter_drop.id and f.person = who.person;
		if found then
			return orderly.done('filter_drop', 'filter', id::text, id);
		end if;
	end if;
	return orderly.refuse('filter_drop', 'filter', id::text, coalesce(who.code, 'not_found'));
end
$$;

alter table orderly.saved_filter enable row level security;
create policy saved_filter_read on orderly.saved_filter for select
	using (shared or person = (select orderly.my_person()));
alter table orderly.silence enable row level security;
create policy silence_read on orderly.silence for select
	using (interface is null or interface = any ((select orderly.my_interfaces())::int[]));

grant select on orderly.silence to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;
grant select on orderly.saved_filter to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin;
grant execute on function orderly.silence_add(int, text, timestamptz, text), orderly.silence_end(bigint, text),
	orderly.filter_save(text, text, text, bool), orderly.filter_drop(bigint)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;
