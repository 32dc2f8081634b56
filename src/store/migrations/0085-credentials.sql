-- kind: transaction
-- Credentials and keys by their names: what each is for, who answers for it, when it ends, how often it
-- is to be changed. Never the secret itself. What workers see of theirs (the age of a file, Odoo's key)
-- stands beside what the catalogue says.

set local role orderly_{store}_owner;

-- seen_as: the name under which workers see it: of the file in their folder of secrets, or of Odoo's key.
create table orderly.credential (
	id int primary key,
	code text not null unique check (code ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
	version int not null,
	title text not null check (length(btrim(title)) > 0),
	kind text not null check (kind in ('api_key', 'password', 'token', 'certificate', 'private_key',
		'shared_secret', 'odoo_key', 'other')),
	system text references orderly.system (code),
	interfaces text[] not null default '{}' check (array_position(interfaces, null) is null),
	owner text,
	expires_on date,
	rotated_on date,
	rotate_days int check (rotate_days between 1 and 3650),
	seen_as text unique check (length(seen_as) between 1 and 200),
	note text
);
insert into orderly.kind values ('credential', 120, true, false);

-- Which credentials there are is for those who review or govern them.
alter policy catalogue_version_read on orderly.catalogue_version using (case
	when kind in ('interface', 'slo')
		then exists (select from orderly.interface i where i.code = split_part(catalogue_version.code, '/', 1))
	when kind in ('login', 'scope', 'credential')
		then (select orderly.my_roles()) && array['security', 'admin', 'approver']
	else true end);
alter policy change_item_read on orderly.change_item using (case
	when kind in ('interface', 'slo') and base > 0
		then exists (select from orderly.interface i where i.code = split_part(change_item.code, '/', 1))
	when kind in ('login', 'scope', 'interface', 'slo', 'credential')
		then (select orderly.my_roles()) && array['security', 'admin', 'approver']
	else true end);

-- When a file of a worker's folder of secrets was last changed, as that worker has seen it.
create table orderly.secret_seen (
	worker text not null,
	name text not null,
	changed_at timestamptz not null,
	seen_at timestamptz not null,
	primary key (worker, name)
);

-- files: {"ghx": 1763750000, …}, all that are there now, in seconds since 1970.
create function orderly.secrets_seen(worker text, files jsonb) returns int
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	n int;
begin
	perform orderly.gate_worker();
	delete from orderly.secret_seen s
	where s.worker = left(secrets_seen.worker, 200) and not files ? s.name
	   or s.seen_at < clock_timestamp() - interval '1 day';
	insert into orderly.secret_seen as s (worker, name, changed_at, seen_at)
	select left(secrets_seen.worker, 200), f.key, to_timestamp(f.value::float8), clock_timestamp()
	from jsonb_each_text(files) f
	where length(f.key) between 1 and 200
	order by f.key limit 1000
	on conflict on constraint secret_seen_pkey do update
	set changed_at = excluded.changed_at, seen_at = excluded.seen_at;
	get diagnostics n = row_count;
	return n;
end
$$;
grant execute on function orderly.secrets_seen(text, jsonb) to orderly_{store}_worker;

-- Every credential that is known of, governed or only seen. A file that differs between workers counts
-- from its oldest. rotated_at: the later of what the catalogue says and what is seen.
create function orderly.credential_facts()
returns table (name text, kind text, expires_at timestamptz, rotated_at timestamptz, rotate_every interval,
               title text, owner text, system text, interfaces text[], governed bool, seen_at timestamptz,
               seen_by text)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with seen as materialized (
		select s.name, 'file' as kind, min(s.changed_at) as changed_at, null::timestamptz as expires_at,
			max(s.seen_at) as seen_at, string_agg(s.worker, ' ' order by s.worker) as seen_by
		from orderly.secret_seen s group by s.name
		union all
		select k.key_name, 'odoo_key', k.key_made, k.key_expires, k.at, k.worker
		from (
			select distinct on (p.server) p.*
			from orderly.odoo_probe p
			where p.at > (select max(l.at) from orderly.odoo_probe l) - interval '1 hour' and p.key_name is not null
			order by p.server, p.id desc) k
	)
	select coalesce(c.code, s.name), coalesce(c.kind, s.kind),
		coalesce(s.expires_at, c.expires_on::timestamp at time zone 'UTC'),
		greatest(s.changed_at, c.rotated_on::timestamp at time zone 'UTC'),
		make_interval(days => c.rotate_days), c.title, c.owner, c.system, c.interfaces, c.code is not null,
		s.seen_at, s.seen_by
	from orderly.credential c
	full join seen s on s.name = c.seen_as;
end;
