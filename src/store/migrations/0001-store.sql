-- kind: transaction
-- The schema, its owner and group roles, people and their logins, what each login may see,
-- and the small vocabulary in which every act answers.

-- Roles belong to the whole cluster, so another database may have made them already.
do $roles$
declare
	short text;
	found record;
begin
	foreach short in array array['owner', 'support', 'operator', 'approver', 'security', 'admin',
	                             'ingest', 'worker'] loop
		begin
			if not exists (select from pg_roles where rolname = 'orderly_{store}_' || short) then
				execute format('create role %I nologin', 'orderly_{store}_' || short);
			end if;
		exception when duplicate_object or unique_violation then
			null; -- another session was quicker
		end;
	end loop;
	for found in select rolname from pg_roles
	             where rolname ~ '^orderly_{store}_(owner|support|operator|approver|security|admin|ingest|worker)$'
	               and (rolcanlogin or rolsuper or rolbypassrls or rolcreaterole) loop
		raise exception 'role % exists with more than a group role may have', found.rolname
			using hint = 'alter it to nologin nosuperuser nobypassrls nocreaterole, or choose another store name';
	end loop;
	if not (select rolsuper from pg_roles where rolname = current_user) then
		execute format('grant orderly_{store}_owner to %I', current_user);
	end if;
end
$roles$;

create schema orderly authorization orderly_{store}_owner;
set local role orderly_{store}_owner;

-- Nothing is callable unless it is granted by name; this holds for later migrations as well.
alter default privileges for role orderly_{store}_owner revoke execute on functions from public;
alter default privileges for role orderly_{store}_owner revoke usage on types from public;

grant usage on schema orderly to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin,
	orderly_{store}_ingest, orderly_{store}_worker;

-- One row. Locked by acts that must not overlap (imports, decisions on the catalogue).
create table orderly.store (
	only_row bool primary key default true check (only_row),
	name text not null,
	created_at timestamptz not null default now()
);
insert into orderly.store (name) values ('{store}');

-- What an act answers: done or refused, with a code of ours, the text to show, what it made.
create type orderly.result as (
	ok bool,
	code text,
	message text,
	id bigint,
	detail jsonb
);
grant usage on type orderly.result to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin,
	orderly_{store}_ingest, orderly_{store}_worker;

-- Every code that a refusal can carry. Later migrations add theirs.
create table orderly.refusal_code (
	code text primary key check (code ~ '^[a-z][a-z0-9_]{1,39}$'),
	text text not null
);
insert into orderly.refusal_code values
	('no_login', 'this login is not known to the store'),
	('no_person', 'this login belongs to no person'),
	('shared_login', 'this login is shared by several people; acts need an own login'),
	('login_blocked', 'this login is blocked'),
	('person_inactive', 'this person is no longer active'),
	('role', 'your roles do not allow this'),
	('scope', 'this lies outside your scope'),
	('state', 'its state does not allow this'),
	('reason', 'a reason is needed'),
	('not_found', 'there is no such object'),
	('isolation', 'acts need the isolation level read committed'),
	('not_set_up', 'only the owner of the store may do this');

-- Kinds of governed object share three columns: id, code (never changes), version.
create table orderly.person (
	id int primary key,
	code text not null unique check (code ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
	version int not null,
	name text not null check (length(btrim(name)) > 0),
	email text,
	phone text,
	active bool not null default true,
	note text
);

-- code is the PostgreSQL role that connects. A machine is no person and takes no decisions.
create table orderly.login (
	id int primary key,
	code text not null unique check (length(code) between 1 and 63),
	version int not null,
	person text references orderly.person (code),
	machine bool not null default false,
	shared bool not null default false,
	blocked bool not null default false,
	note text,
	constraint login_machine_check check (not (machine and person is not null))
);
create index login_person on orderly.login (person);

-- What a login sees: an interface and a facility must each match one of the globs, the data class
-- must be listed. One row per login, so that the three never mix between rows. No row: nothing.
create table orderly.scope (
	id int primary key,
	code text not null unique references orderly.login (code),
	version int not null,
	interfaces text[] not null,
	facilities text[] not null,
	classes text[] not null,
	constraint scope_classes_check check (classes <@ array['public', 'internal', 'confidential', 'phi']),
	constraint scope_interfaces_check check (array_position(interfaces, null) is null),
	constraint scope_facilities_check check (array_position(facilities, null) is null)
);

-- Sets session_user against pg_auth_members step by step: pg_has_role is true for every superuser.
-- From PostgreSQL 16 on a membership may be administrative only; such a one gives no role here.
create function orderly.roles_of(login text) returns text[]
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with recursive walk (oid) as (
		select m.roleid
		from pg_roles r
		join pg_auth_members m on m.member = r.oid
		where r.rolname = login
		  and (coalesce((to_jsonb(m) ->> 'inherit_option')::bool, true)
		       or coalesce((to_jsonb(m) ->> 'set_option')::bool, true))
		union
		select m.roleid
		from walk
		join pg_auth_members m on m.member = walk.oid
		where coalesce((to_jsonb(m) ->> 'inherit_option')::bool, true)
		   or coalesce((to_jsonb(m) ->> 'set_option')::bool, true)
	)
	select coalesce(array_agg(substr(r.rolname, length('orderly_{store}_') + 1) order by r.rolname), '{}')
	from walk
	join pg_roles r on r.oid = walk.oid
	where r.rolname = any (array['orderly_{store}_support', 'orderly_{store}_operator',
		'orderly_{store}_approver', 'orderly_{store}_security', 'orderly_{store}_admin',
		'orderly_{store}_ingest', 'orderly_{store}_worker']);
end;

-- The roles that the session can use. A login that the store does not know, or no longer, has none,
-- whatever PostgreSQL says of its memberships.
create function orderly.my_roles() returns text[]
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
return case when exists (
		select from orderly.login l left join orderly.person p on p.code = l.person
		where l.code = session_user::text and not l.blocked and coalesce(p.active, l.machine or l.shared))
	then orderly.roles_of(session_user::text) else '{}'::text[] end;

-- NULL when the session's login stands for no one person.
create function orderly.my_person() returns int
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select p.id
	from orderly.login l
	join orderly.person p on p.code = l.person
	where l.code = session_user::text and not l.shared and not l.blocked and p.active;
end;

-- Whether the session is one that sets stores up: a superuser, or a member of the owner.
create function orderly.is_setup() returns bool
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with recursive walk (oid) as (
		select oid from pg_roles where rolname = session_user
		union
		select m.roleid from walk join pg_auth_members m on m.member = walk.oid
	)
	select exists (select from pg_roles where rolname = session_user and rolsuper)
	    or exists (select from walk join pg_roles r on r.oid = walk.oid
	               where r.rolname = 'orderly_{store}_owner');
end;

-- The first line of every act of a person: who is it, and may they at all? Reads the roles as they
-- are now; under a frozen snapshot that would be a claim about the past, so none is taken.
create function orderly.gate(need text[], out person int, out code text)
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record;
begin
	select l.shared, l.blocked, l.person as code, p.id, p.active into who
	from orderly.login l
	left join orderly.person p on p.code = l.person
	where l.code = session_user::text;
	person := who.id;
	code := case
		when current_setting('transaction_isolation') <> 'read committed' then 'isolation'
		when who.shared is null then 'no_login'
		when who.blocked then 'login_blocked'
		when who.shared then 'shared_login'
		when who.id is null then 'no_person'
		when not who.active then 'person_inactive'
		when not orderly.my_roles() && need then 'role'
	end;
end
$$;

-- The same for the functions of machines; there is no person to look for.
create function orderly.gate_machine(need text) returns text
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return case
		when exists (select from orderly.login l where l.code = session_user::text and l.blocked)
			then 'login_blocked'
		when not need = any (orderly.roles_of(session_user::text)) then 'role'
	end;
end
$$;

-- The two ways in which an act ends. Both leave their trace and return it.
create function orderly.refuse(act text, object text, object_id text, why text, reason text default null,
                               detail jsonb default null)
returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	words text := (select c.text from orderly.refusal_code c where c.code = why);
begin
	if words is null then
		raise exception 'refusal code "%" is not in orderly.refusal_code', why;
	end if;
	perform orderly.audit_add(act, object, object_id, 'refused:' || why, reason, detail);
	raise log 'orderly: refused % of % % to login %: %', act, object, quote_nullable(left(object_id, 100)),
		quote_literal(session_user), why;
	return row (false, why, words, null, detail)::orderly.result;
end
$$;

create function orderly.done(act text, object text, object_id text, id bigint, reason text default null,
                             detail jsonb default null)
returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	perform orderly.audit_add(act, object, object_id, 'done', reason, detail);
	return row (true, 'done', 'done', id, detail)::orderly.result;
end
$$;

-- Codes are matched by globs with * and ?.
create function orderly.glob_like(glob text) returns text
language sql immutable strict parallel safe
set search_path = pg_catalog, orderly, pg_temp
return translate(regexp_replace(glob, '([\\%_])', '\\\1', 'g'), '*?', '%_');

-- What everyone with a role may know of the store, themselves and their colleagues.
grant select on orderly.store, orderly.refusal_code to orderly_{store}_support,
	orderly_{store}_operator, orderly_{store}_approver, orderly_{store}_security,
	orderly_{store}_admin, orderly_{store}_ingest, orderly_{store}_worker;
grant select on orderly.person, orderly.login, orderly.scope to orderly_{store}_support,
	orderly_{store}_operator, orderly_{store}_approver, orderly_{store}_security,
	orderly_{store}_admin;
grant execute on function orderly.my_roles(), orderly.my_person() to orderly_{store}_support,
	orderly_{store}_operator, orderly_{store}_approver, orderly_{store}_security,
	orderly_{store}_admin, orderly_{store}_ingest, orderly_{store}_worker;

-- Who has which login and scope is for those who review or decide it, and for oneself.
alter table orderly.login enable row level security;
alter table orderly.scope enable row level security;
create policy login_read on orderly.login for select
	using (code = session_user::text
	       or (select orderly.my_roles()) && array['security', 'admin', 'approver']);
create policy scope_read on orderly.scope for select
	using (code = session_user::text
	       or (select orderly.my_roles()) && array['security', 'admin', 'approver']);
