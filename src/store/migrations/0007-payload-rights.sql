-- kind: transaction
-- Who sees what of a payload. Raw bodies are read under a grant that was committed before; everyone
-- else reads the masked rendition, which a duty of the worker writes by governed rules.

set local role orderly_{store}_owner;

-- The version of the rules as a whole; a rendition carries the one it was made by.
create table orderly.mask_state (
	only_row bool primary key default true check (only_row),
	version int not null
);
insert into orderly.mask_state (version) values (1);

-- Interfaces whose renditions are being made anew; until then the old ones are not shown.
create table orderly.mask_redo (
	interface int primary key,
	version int not null,
	since timestamptz not null default clock_timestamp()
);

-- how: plain (nothing to hide), masked, whole (hidden altogether, `why` says for what reason), binary.
create table orderly.rendition (
	born date not null,
	transaction bigint not null,
	key bytea not null,
	interface int not null,
	facility smallint,
	arrived timestamptz not null,
	kind text,
	content_type text,
	headers jsonb,
	body text,
	bytes int not null,
	how text not null check (how in ('plain', 'masked', 'whole', 'binary')),
	why text,
	more text, -- what rules for documents leave of it; NULL when it is hidden whole
	rules int not null,
	made_at timestamptz not null default clock_timestamp(),
	primary key (transaction, key, born)
) partition by range (born);
create index rendition_by_arrival on orderly.rendition (arrived, transaction, key);
create index rendition_by_rules on orderly.rendition (interface, rules);
do $compression$
begin
	alter table orderly.rendition alter column body set compression lz4;
exception when feature_not_supported or invalid_parameter_value then
	null;
end
$compression$;

-- A facility that becomes known later moves the rendition with its payload.
create function orderly.rendition_follow() returns trigger
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	update orderly.rendition set facility = new.facility
	where born = new.born and transaction = new.transaction and key = new.key;
	return null;
end
$$;
create trigger rendition_follow after update of facility on orderly.payload
	for each row execute function orderly.rendition_follow();

-- A new, changed or removed rule makes what it touches, by its old and its new globs, to be redone.
create function orderly.mask_rule_changed() returns trigger
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	next_version int;
begin
	update orderly.mask_state set version = version + 1 returning version into next_version;
	insert into orderly.mask_redo (interface, version)
	select i.id, next_version from orderly.interface i
	where tg_op <> 'DELETE' and i.data_class = any (new.classes)
	      and i.code like any (select orderly.glob_like(g) from unnest(new.interfaces) g)
	   or tg_op <> 'INSERT' and i.data_class = any (old.classes)
	      and i.code like any (select orderly.glob_like(g) from unnest(old.interfaces) g)
	on conflict (interface) do update set version = excluded.version;
	return null;
end
$$;
create trigger mask_rule_changed after insert or update or delete on orderly.mask_rule
	for each row execute function orderly.mask_rule_changed();

-- The same when an interface comes to another data class.
create function orderly.mask_class_changed() returns trigger
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	next_version int;
begin
	update orderly.mask_state set version = version + 1 returning version into next_version;
	insert into orderly.mask_redo (interface, version) values (new.id, next_version)
	on conflict (interface) do update set version = excluded.version;
	return null;
end
$$;
create trigger mask_class_changed after update of data_class on orderly.interface
	for each row when (old.data_class is distinct from new.data_class)
	execute function orderly.mask_class_changed();

create function orderly.mask_version() returns int
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
return (select version from orderly.mask_state);

create function orderly.mask_redoing() returns int[]
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
return (select coalesce(array_agg(interface), '{}') from orderly.mask_redo);

-- A grant: who may look at what raw, why and until when. It counts from the next transaction on,
-- because only then has its trace been committed.
create table orderly.payload_grant (
	id bigint generated always as identity primary key,
	xid xid8 not null default pg_current_xact_id(),
	what text not null check (what in ('reveal', 'search', 'export', 'look')),
	person int not null references orderly.person (id),
	login text not null,
	transaction bigint,
	interfaces int[],
	since timestamptz,
	upto timestamptz,
	above bigint, -- of a look: transactions above this number, up to that one
	last bigint,
	filter text,
	reason text not null,
	at timestamptz not null default clock_timestamp(),
	until timestamptz not null,
	ended_at timestamptz,
	constraint payload_grant_shape check (
		(what = 'reveal') = (transaction is not null)
		and (what = 'reveal') = (interfaces is null)
		and (what = 'reveal') = (since is null) and (since is null) = (upto is null)
		and (what = 'look') = (above is not null) and (above is null) = (last is null))
);
create index payload_grant_person on orderly.payload_grant (person, id);
create index payload_grant_transaction on orderly.payload_grant (transaction) where transaction is not null;

insert into orderly.refusal_code values
	('window', 'the window of time is empty or too wide'),
	('minutes', 'the time asked for is too long'),
	('grant', 'there is no such grant of yours'),
	('grant_ended', 'the grant has ended'),
	('grant_same', 'the grant counts from the next transaction on; commit first');

create function orderly.payload_minutes(asked int) returns int
language sql stable
set search_path = pg_catalog, orderly, pg_temp
return case when coalesce(asked, 0) = 0 then least(10, orderly.setting_int('reveal.max_minutes', 30))
            when asked between 1 and orderly.setting_int('reveal.max_minutes', 30) then asked end;

-- Whether a transaction lies within the session's scope.
create function orderly.transaction_in_scope(id bigint) returns bool
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select exists (
		select from orderly.message m
		where m.id = transaction_in_scope.id and m.interface = any (orderly.my_interfaces())
		  and (m.facility is null or m.facility = any (orderly.my_facilities())));
end;

-- Asks to see the raw payloads of one transaction. minutes 0: the usual time.
create function orderly.reveal_ask(transaction bigint, reason text, minutes int default 0)
returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator']);
	lasts int := orderly.payload_minutes(minutes);
	why text;
	made orderly.payload_grant;
begin
	-- What does not exist and what lies out of scope get the same answer: nothing can be probed.
	why := coalesce(who.code, case
		when not orderly.has_reason(reason) then 'reason'
		when lasts is null then 'minutes'
		when not orderly.transaction_in_scope(transaction) then 'not_found' end);
	if why is not null then
		return orderly.refuse('reveal_ask', 'transaction', transaction::text, why, reason);
	end if;
	insert into orderly.payload_grant (what, person, login, transaction, reason, until)
	values ('reveal', who.person, session_user, transaction, btrim(reason),
	        clock_timestamp() + make_interval(mins => lasts))
	returning * into made;
	return orderly.done('reveal_ask', 'transaction', transaction::text, made.id, reason,
		jsonb_build_object('grant', made.id, 'minutes', lasts, 'until', to_jsonb(made.until)));
end
$$;

-- Asks to look through the raw payloads of some interfaces within a window of arrival, for a search
-- or an export. `filter` is what the person looks for, for the record.
create function orderly.payload_ask(what text, interfaces int[], since timestamptz, upto timestamptz,
                                    filter text, reason text, minutes int default 0)
returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	act text := 'payload_' || case when what = 'export' then 'export' else 'search' end;
	who record := orderly.gate(array['operator']);
	lasts int := orderly.payload_minutes(minutes);
	why text;
	made orderly.payload_grant;
begin
	if what is null or what not in ('search', 'export') then
		raise exception 'payload_ask: what is "search" or "export"' using errcode = '22023';
	end if;
	why := coalesce(who.code, case
		when not orderly.has_reason(reason) then 'reason'
		when lasts is null then 'minutes'
		when coalesce(cardinality(interfaces), 0) = 0 or array_position(interfaces, null) is not null
		     or not interfaces <@ orderly.my_interfaces() then 'scope'
		when not coalesce(since < upto and upto <=
		     since + make_interval(hours => orderly.setting_int('search.max_hours', 168)), false) then 'window' end);
	if why is not null then
		return orderly.refuse(act || '_ask', 'payload', null, why, reason,
			jsonb_build_object('filter', left(filter, 1000)));
	end if;
	insert into orderly.payload_grant (what, person, login, interfaces, since, upto, filter, reason, until)
	values (what, who.person, session_user, interfaces, since, upto, left(filter, 1000), btrim(reason),
	        clock_timestamp() + make_interval(mins => lasts))
	returning * into made;
	return orderly.done(act || '_ask', 'payload', null, made.id, reason,
		jsonb_build_object('grant', made.id, 'filter', made.filter, 'interfaces', to_jsonb(interfaces),
			'since', to_jsonb(since), 'upto', to_jsonb(upto), 'until', to_jsonb(made.until)));
end
$$;

-- Ends a grant before its time.
create function orderly.grant_end(id bigint) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who int := (select p.id from orderly.login l join orderly.person p on p.code = l.person
	            where l.code = session_user::text);
begin
	update orderly.payload_grant g set ended_at = clock_timestamp()
	where g.id = grant_end.id and g.person = who and g.ended_at is null;
	if not found then
		return orderly.refuse('grant_end', 'grant', id::text, 'grant');
	end if;
	return orderly.done('grant_end', 'grant', id::text, id);
end
$$;

-- Why the session cannot read under the grant now; NULL when it can.
create function orderly.grant_obstacle(g orderly.payload_grant, whats text[]) returns text
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator']);
begin
	return coalesce(who.code, case
		when g.id is null or g.person <> who.person or g.login <> session_user::text
		     or g.what <> all (whats) then 'grant'
		when g.xid = pg_current_xact_id_if_assigned() then 'grant_same'
		when g.ended_at is not null or g.until <= clock_timestamp() then 'grant_ended' end);
end
$$;

-- One raw payload, or the refusal: code says which, the other columns are then null.
create type orderly.raw_payload as (
	code text,
	message text,
	transaction bigint,
	key bytea,
	interface int,
	arrived timestamptz,
	kind text,
	content_type text,
	headers jsonb,
	body bytea
);
grant usage on type orderly.raw_payload to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin;

create function orderly.raw_refusal(act text, grant_id bigint, why text) returns orderly.raw_payload
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	r orderly.result := orderly.refuse(act, 'grant', grant_id::text, why);
	answer orderly.raw_payload;
begin
	answer.code := r.code;
	answer.message := r.message;
	return answer;
end
$$;

-- The raw payloads of the transaction that the grant names.
create function orderly.payload_read(grant_id bigint) returns setof orderly.raw_payload
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	g orderly.payload_grant;
	why text;
begin
	select * into g from orderly.payload_grant where id = grant_id;
	why := coalesce(orderly.grant_obstacle(g, array['reveal']),
		case when not orderly.transaction_in_scope(g.transaction) then 'scope' end);
	if why is not null then
		return next orderly.raw_refusal('payload_read', grant_id, why);
		return;
	end if;
	perform orderly.audit_add('payload_read', 'transaction', g.transaction::text, 'done', g.reason,
		jsonb_build_object('grant', g.id));
	return query
	select 'done', null::text, y.transaction, y.key, y.interface, y.arrived, y.kind, y.content_type,
	       y.headers, y.body
	from orderly.message m
	join orderly.payload y on y.born = m.born and y.transaction = m.id
	where m.id = g.transaction
	order by y.arrived, y.key;
end
$$;

-- The raw payloads of a search or an export, a page at a time, the newest first; the place is that of
-- the last row, or null to begin. What has no rendition yet is not found here either.
create function orderly.payload_scan(grant_id bigint, after_arrived timestamptz default null,
                                     after_transaction bigint default null, after_key bytea default null,
                                     page int default 100)
returns setof orderly.raw_payload
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	g orderly.payload_grant;
	why text;
begin
	select * into g from orderly.payload_grant where id = grant_id;
	why := coalesce(orderly.grant_obstacle(g, array['search', 'export']),
		case when not g.interfaces <@ orderly.my_interfaces() then 'scope' end);
	if why is not null then
		return next orderly.raw_refusal('payload_scan', grant_id, why);
		return;
	end if;
	if after_arrived is null then
		perform orderly.audit_add('payload_' || g.what, 'payload', null, 'done', g.reason,
			jsonb_build_object('grant', g.id, 'filter', g.filter));
	end if;
	return query
	select 'done', null::text, y.transaction, y.key, y.interface, y.arrived, y.kind, y.content_type,
	       y.headers, y.body
	from orderly.rendition s
	join orderly.payload y on y.born = s.born and y.transaction = s.transaction and y.key = s.key
	where s.born <= (g.upto at time zone 'UTC')::date and s.arrived >= g.since and s.arrived < g.upto
	  and (s.arrived, s.transaction, s.key) < (coalesce(after_arrived, g.upto),
	      coalesce(after_transaction, 0), coalesce(after_key, ''))
	  and s.interface = any (g.interfaces)
	  and (y.facility = any (orderly.my_facilities()) or y.facility is null and exists (
	       select from orderly.message m where m.id = y.transaction
	         and (m.facility is null or m.facility = any (orderly.my_facilities()))))
	order by s.arrived desc, s.transaction desc, s.key desc
	limit least(greatest(page, 1), 1000);
end
$$;

-- What the one who decides about an edited payload sees belongs to the replays; here only rights.
grant select on orderly.mask_state to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin;
grant select on orderly.rendition to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver;
grant select on orderly.payload_grant to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin;
grant execute on function orderly.reveal_ask(bigint, text, int),
	orderly.payload_ask(text, int[], timestamptz, timestamptz, text, text, int), orderly.grant_end(bigint),
	orderly.payload_read(bigint), orderly.payload_scan(bigint, timestamptz, bigint, bytea, int),
	orderly.mask_version(), orderly.mask_redoing()
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;

-- Renditions live and go with their payloads.
select orderly.partitions_make(now() + interval '40 days');

alter table orderly.rendition enable row level security;
create policy rendition_read on orderly.rendition for select
	using (interface = any ((select orderly.my_interfaces())::int[])
	       and (facility = any ((select orderly.my_facilities())::smallint[])
	            -- no "exists": that may be answered by reading all messages into a hash
	            or facility is null and (select true from orderly.message m where m.id = transaction))
	       and (rules >= (select orderly.mask_version())
	            or interface <> all ((select orderly.mask_redoing())::int[])));
alter table orderly.payload_grant enable row level security;
create policy payload_grant_read on orderly.payload_grant for select
	using (person = (select orderly.my_person())
	       or (select orderly.my_roles()) && array['security', 'approver']);
