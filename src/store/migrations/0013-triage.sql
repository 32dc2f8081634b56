-- kind: transaction
-- Triage: what people do with dead letters, one by one and by the group, and the notes that they leave.

set local role orderly_{store}_owner;

insert into orderly.refusal_code values
	('too_many', 'more than 1000 at a time'),
	('until', 'the time must lie ahead, and not further than snoozes may reach'),
	('text', 'there is nothing to write down, or more than 10000 characters');

-- What people write down about anything.
create table orderly.note (
	id bigint generated always as identity primary key,
	object text not null check (object in ('dead_letter', 'failure_group', 'transaction', 'interface')),
	object_id bigint not null,
	interface int,
	facility smallint,
	at timestamptz not null default clock_timestamp(),
	person int not null references orderly.person (id),
	login text not null,
	text text not null
);
create index note_object on orderly.note (object, object_id, id);

-- Whether the session sees what lies there.
create function orderly.in_scope(interface int, facility smallint) returns bool
language sql stable
set search_path = pg_catalog, orderly, pg_temp
return interface = any (orderly.my_interfaces())
   and (facility is null or facility = any (orderly.my_facilities()));

-- Of these failure groups, within the session's scope: when their oldest unresolved one died, the largest
-- nr that there is, and how many died in each of the last 24 hours, as "hours ago:count" words. It looks
-- at each group's ends only; under row-level security the planner would rather gather all that the session
-- may see, and would judge every hour by itself.
create function orderly.failure_group_ends(groups bigint[])
returns table (id bigint, oldest_at timestamptz, seen bigint, trend text)
language plpgsql stable security definer rows 200
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	interfaces constant int[] := orderly.my_interfaces();
	facilities constant smallint[] := orderly.my_facilities();
	this_hour constant int := floor(date_part('epoch', now()) / 3600);
begin
	return query
	select g.id, (
		select l.at from orderly.dead_letter l
		where l.failure_group = g.id and l.unresolved and (l.facility is null or l.facility = any (facilities))
		order by l.at, l.id limit 1), (
		select l.nr from orderly.dead_letter l
		where l.failure_group = g.id and (l.facility is null or l.facility = any (facilities))
		order by l.nr desc limit 1), (
		select string_agg(this_hour - r.hour || ':' || r.died, ' ' order by r.hour)
		from orderly.failure_trend r
		where r.failure_group = g.id and r.hour between this_hour - 23 and this_hour)
	from orderly.failure_group g where g.id = any (groups) and g.interface = any (interfaces);
end
$$;

-- How an act on several ended: done when one was, else refused with the reason of the first. Either
-- way the detail says which were and why the others were not.
create function orderly.several(act text, object text, ids bigint[], good bigint[], refused jsonb, reason text)
returns orderly.result
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	one constant text := case when cardinality(ids) = 1 then ids[1]::text end;
	detail constant jsonb := jsonb_build_object('done', coalesce(to_jsonb(good), '[]'),
		'refused', coalesce(refused, '[]'));
begin
	if good is null then
		return orderly.refuse(act, object, one, coalesce(refused -> 0 ->> 'code', 'not_found'), reason, detail);
	end if;
	return orderly.done(act, object, one, good[1], reason, detail);
end
$$;

-- What people do with dead letters. The caller is one of the functions below.
create function orderly.dead_letters_act(act text, ids bigint[], reason text, until timestamptz default null)
returns orderly.result
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	name constant text := 'dead_letter_' || act;
	who record := orderly.gate(array['operator']);
	interfaces int[];
	facilities smallint[];
	why text := who.code;
	good bigint[];
	refused jsonb;
begin
	why := coalesce(why, case
		when coalesce(cardinality(ids), 0) = 0 then 'not_found'
		when cardinality(ids) > 1000 then 'too_many'
		when act in ('discard', 'snooze', 'reopen') and not orderly.has_reason(reason) then 'reason'
		when act = 'snooze' and (until is null or until <= clock_timestamp() or until > clock_timestamp()
			+ make_interval(days => orderly.setting_int('snooze.days', 30))) then 'until' end);
	if why is not null then
		return orderly.refuse(name, 'dead_letter', case when cardinality(ids) = 1 then ids[1]::text end, why, reason);
	end if;
	interfaces := orderly.my_interfaces();
	facilities := orderly.my_facilities();
	perform orderly.dead_letters_lock(ids);
	with judged as materialized (
		select u.id, case
			when l.id is null or l.interface <> all (interfaces) or l.facility <> all (facilities) then 'not_found'
			when orderly.act_next('dead_letter', act, l.state) is null then 'state' end as code,
			case when l.interface = any (interfaces) then l.state end as state
		from (select distinct i as id from unnest(ids) i) u
		left join orderly.dead_letter l on l.id = u.id
	),
	changed as (
		update orderly.dead_letter l
		set state = orderly.act_next('dead_letter', act, l.state, l.owner is not null),
			owner = case act when 'own' then who.person when 'release' then null else l.owner end,
			snoozed_until = case act when 'snooze' then until when 'release' then l.snoozed_until end,
			same_again = case when act = 'reopen' then 0 else l.same_again end,
			why = case when act in ('snooze', 'discard', 'reopen') then btrim(reason) else l.why end,
			changed_at = clock_timestamp()
		from judged j where l.id = j.id and j.code is null
		returning l.id
	)
	select (select array_agg(id order by id) from changed),
		jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', id, 'code', code, 'state', state)) order by id)
			filter (where code is not null)
	into good, refused from judged;
	return orderly.several(name, 'dead_letter', ids, good, refused, reason);
end
$$;

create function orderly.dead_letter_own(ids bigint[]) returns orderly.result
language sql security definer set search_path = pg_catalog, orderly, pg_temp
return orderly.dead_letters_act('own', ids, null);

create function orderly.dead_letter_release(ids bigint[]) returns orderly.result
language sql security definer set search_path = pg_catalog, orderly, pg_temp
return orderly.dead_letters_act('release', ids, null);

create function orderly.dead_letter_snooze(ids bigint[], until timestamptz, reason text) returns orderly.result
language sql security definer set search_path = pg_catalog, orderly, pg_temp
return orderly.dead_letters_act('snooze', ids, reason, until);

create function orderly.dead_letter_discard(ids bigint[], reason text) returns orderly.result
language sql security definer set search_path = pg_catalog, orderly, pg_temp
return orderly.dead_letters_act('discard', ids, reason);

create function orderly.dead_letter_reopen(ids bigint[], reason text) returns orderly.result
language sql security definer set search_path = pg_catalog, orderly, pg_temp
return orderly.dead_letters_act('reopen', ids, reason);

-- The same for a whole group as far as the caller has seen it (the largest nr), a thousand at a time:
-- call again while detail.left is not 0. Owner and sleep hold for the group as well, and so for what
-- arrives later; nothing else touches what was not seen.
create function orderly.failure_group_act(act text, id bigint, seen bigint, reason text,
                                          until timestamptz default null)
returns orderly.result
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	name constant text := 'failure_group_' || act;
	who record := orderly.gate(array['operator']);
	g orderly.failure_group;
	why text := who.code;
	ids bigint[];
	left_over bigint;
	answer orderly.result;
begin
	if why is null then
		select * into g from orderly.failure_group f where f.id = failure_group_act.id for update;
		why := case
			when g.id is null or g.interface <> all (orderly.my_interfaces()) then 'not_found'
			when act in ('discard', 'snooze', 'reopen') and not orderly.has_reason(reason) then 'reason'
			when act = 'snooze' and (until is null or until <= clock_timestamp() or until > clock_timestamp()
				+ make_interval(days => orderly.setting_int('snooze.days', 30))) then 'until'
			when act in ('own', 'release', 'snooze') and g.unresolved = 0 then 'state' end;
	end if;
	if why is not null then
		return orderly.refuse(name, 'failure_group', id::text, why, reason);
	end if;
	update orderly.failure_group f
	set owner = case act when 'own' then who.person when 'release' then null else f.owner end,
		snoozed_until = case act when 'snooze' then until when 'reopen' then null else f.snoozed_until end
	where f.id = g.id and act in ('own', 'release', 'snooze', 'reopen') and g.unresolved > 0;
	with member as materialized (
		select l.id, row_number() over (order by l.nr) as n
		from orderly.dead_letter l
		where l.failure_group = g.id and l.nr <= seen
		  and orderly.act_next('dead_letter', act, l.state) is not null
		  and not (act = 'own' and l.owner is not distinct from who.person and l.state <> 'snoozed')
		  and not (act = 'release' and l.owner is null)
		  and not (act = 'snooze' and l.snoozed_until is not distinct from until)
		  and orderly.in_scope(l.interface, l.facility)
		limit 1001)
	select array_agg(m.id) filter (where n <= 1000), count(*) filter (where n > 1000) into ids, left_over from member m;
	if ids is not null then
		answer := orderly.dead_letters_act(act, ids, reason, until);
	end if;
	return orderly.done(name, 'failure_group', id::text, id, reason, jsonb_build_object(
		'done', coalesce(jsonb_array_length(answer.detail -> 'done'), 0), 'left', left_over));
end
$$;

create function orderly.failure_group_own(id bigint, seen bigint) returns orderly.result
language sql security definer set search_path = pg_catalog, orderly, pg_temp
return orderly.failure_group_act('own', id, seen, null);

create function orderly.failure_group_release(id bigint, seen bigint) returns orderly.result
language sql security definer set search_path = pg_catalog, orderly, pg_temp
return orderly.failure_group_act('release', id, seen, null);

create function orderly.failure_group_snooze(id bigint, seen bigint, until timestamptz, reason text)
returns orderly.result
language sql security definer set search_path = pg_catalog, orderly, pg_temp
return orderly.failure_group_act('snooze', id, seen, reason, until);

create function orderly.failure_group_discard(id bigint, seen bigint, reason text) returns orderly.result
language sql security definer set search_path = pg_catalog, orderly, pg_temp
return orderly.failure_group_act('discard', id, seen, reason);

create function orderly.failure_group_reopen(id bigint, seen bigint, reason text) returns orderly.result
language sql security definer set search_path = pg_catalog, orderly, pg_temp
return orderly.failure_group_act('reopen', id, seen, reason);

-- Where an object that can carry a note lies; no row when there is none.
create function orderly.note_place(object text, object_id bigint, out known bool, out interface int,
                                   out facility smallint)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	case object
	when 'dead_letter' then
		select l.interface, l.facility into interface, facility from orderly.dead_letter l where l.id = object_id;
	when 'failure_group' then
		select g.interface into interface from orderly.failure_group g where g.id = object_id;
	when 'transaction' then
		select t.interface, t.facility into interface, facility from orderly.transaction t where t.id = object_id;
	when 'interface' then
		select i.id into interface from orderly.interface i where i.id = object_id;
	else
		null;
	end case;
	known := interface is not null;
end
$$;

create function orderly.note_add(object text, object_id bigint, words text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['support', 'operator', 'approver']);
	place record := orderly.note_place(object, object_id);
	why text := who.code;
	new_id bigint;
begin
	why := coalesce(why, case
		when not place.known or not orderly.in_scope(place.interface, place.facility) then 'not_found'
		when coalesce(length(btrim(words)), 0) not between 1 and 10000 then 'text' end);
	if why is not null then
		return orderly.refuse('note', object, object_id::text, why);
	end if;
	insert into orderly.note (object, object_id, interface, facility, person, login, text)
	values (object, object_id, place.interface, place.facility, who.person, session_user, btrim(words))
	returning id into new_id;
	return orderly.done('note', object, object_id::text, new_id, null, jsonb_build_object(
		'digest', encode(sha256(convert_to(btrim(words), 'UTF8')), 'hex')));
end
$$;

grant execute on function orderly.dead_letter_own(bigint[]), orderly.dead_letter_release(bigint[]),
	orderly.dead_letter_snooze(bigint[], timestamptz, text), orderly.dead_letter_discard(bigint[], text),
	orderly.dead_letter_reopen(bigint[], text), orderly.failure_group_own(bigint, bigint),
	orderly.failure_group_release(bigint, bigint),
	orderly.failure_group_snooze(bigint, bigint, timestamptz, text),
	orderly.failure_group_discard(bigint, bigint, text), orderly.failure_group_reopen(bigint, bigint, text),
	orderly.note_add(text, bigint, text)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;
grant execute on function orderly.failure_group_ends(bigint[])
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;

alter table orderly.note enable row level security;
create policy note_read on orderly.note for select using (
	case when interface is null or interface = any ((select orderly.my_interfaces())::int[])
	then facility is null or facility = any ((select orderly.my_facilities())::smallint[]) end);
grant select on orderly.note to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;
