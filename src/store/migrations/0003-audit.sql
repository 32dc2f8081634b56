-- kind: transaction
-- The audit: who did what, to what, why, and how it ended. Acts append without waiting for each
-- other; the sealer chains what has committed; verification names the place that was touched.

set local role orderly_{store}_owner;

create table orderly.audit (
	id bigint generated always as identity primary key,
	xid xid8 not null default pg_current_xact_id(),
	at timestamptz not null default clock_timestamp(),
	login text not null,
	person int references orderly.person (id),
	roles text[] not null,
	address inet,
	application text,
	act text not null,
	object text,
	object_id text,
	outcome text not null,
	code text,
	reason text,
	detail jsonb
);
create index audit_at on orderly.audit (at);
create index audit_person on orderly.audit (person, id);
create index audit_object on orderly.audit (object, object_id);

-- What the sealer has still to take. A list of its own, because xids say nothing about what was
-- sealed before a restore or a promotion.
create table orderly.audit_pending (
	audit bigint primary key,
	xid xid8 not null
);

-- The chain: link n hashes link n-1 and the digest of its row.
create table orderly.audit_link (
	nr bigint primary key check (nr > 0),
	audit bigint not null unique,
	hash bytea not null check (length(hash) = 32)
);

-- One row, locked by the sealer.
create table orderly.audit_chain (
	only_row bool primary key default true check (only_row),
	nr bigint not null,
	hash bytea not null,
	sealed_at timestamptz,
	sealed_to timestamptz -- the latest act in the chain
);
insert into orderly.audit_chain (nr, hash)
values (0, sha256(convert_to('orderly audit of {store}', 'UTF8')));

-- Pruning takes the beginning of the chain away and leaves where it went on from.
create table orderly.audit_anchor (
	nr bigint primary key,
	hash bytea not null,
	rows bigint not null,
	first_at timestamptz,
	last_at timestamptz,
	pruned_at timestamptz not null default clock_timestamp(),
	signature bytea not null
);

-- What anchors are signed with. Nobody reads it but the functions of the owner.
create table orderly.audit_key (
	only_row bool primary key default true check (only_row),
	key bytea not null
);
insert into orderly.audit_key (key)
values (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));

-- outcome: "done", "refused:CODE" or what else the act calls its end, then as word:code.
create function orderly.audit_add(act text, object text, object_id text, outcome text, reason text,
                                  detail jsonb)
returns bigint
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	new_id bigint;
begin
	insert into orderly.audit (login, person, roles, address, application, act, object, object_id,
	                           outcome, code, reason, detail)
	values (session_user,
	        (select p.id from orderly.login l join orderly.person p on p.code = l.person
	         where l.code = session_user::text),
	        orderly.roles_of(session_user::text), inet_client_addr(), nullif(current_setting('application_name'), ''),
	        act, object, left(object_id, 300), split_part(outcome, ':', 1),
	        nullif(split_part(outcome, ':', 2), ''), left(reason, 2000),
	        -- What is too large to be kept here is kept by its own table; its digest proves it.
	        case when pg_column_size(detail) > 262144
	             then jsonb_build_object('bytes', octet_length(detail::text),
	                  'digest', encode(sha256(convert_to(detail::text, 'UTF8')), 'hex'))
	             else detail end)
	returning id into new_id;
	insert into orderly.audit_pending (audit, xid) values (new_id, pg_current_xact_id());
	return new_id;
end
$$;

-- A field with its length before it, so that no two rows read the same; null is no field.
create function orderly.audit_field(value text) returns bytea
language sql immutable parallel safe
set search_path = pg_catalog, orderly, pg_temp
return case when value is null then int4send(-1)
            else int4send(octet_length(convert_to(value, 'UTF8'))) || convert_to(value, 'UTF8') end;

-- Nothing in here follows a setting of the session: times are UTC microseconds, addresses and
-- arrays have one spelling.
create function orderly.audit_digest(r orderly.audit) returns bytea
language sql immutable parallel safe
set search_path = pg_catalog, orderly, pg_temp
return sha256(int8send(r.id) || orderly.audit_field(r.xid::text)
	|| int8send((extract(epoch from r.at) * 1000000)::bigint)
	|| orderly.audit_field(r.login) || orderly.audit_field(r.person::text)
	|| orderly.audit_field(to_jsonb(r.roles)::text) || orderly.audit_field(host(r.address))
	|| orderly.audit_field(r.application) || orderly.audit_field(r.act)
	|| orderly.audit_field(r.object) || orderly.audit_field(r.object_id)
	|| orderly.audit_field(r.outcome) || orderly.audit_field(r.code)
	|| orderly.audit_field(r.reason) || orderly.audit_field(r.detail::text));

create function orderly.audit_next(before bytea, nr bigint, r orderly.audit) returns bytea
language sql immutable parallel safe
set search_path = pg_catalog, orderly, pg_temp
return sha256(before || int8send(nr) || orderly.audit_digest(r));

-- Chains what has committed and can no longer be overtaken, in the order (xid, id). A row whose
-- xid has not been given out yet comes from before a restore or a promotion: it is complete.
create function orderly.duty_seal(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	chain orderly.audit_chain;
	r orderly.audit;
	done int := 0;
begin
	if not exists (select from orderly.audit_pending) then
		return 0;
	end if;
	select * into chain from orderly.audit_chain for update;
	-- The snapshot is asked in the statement that reads: one from before the lock would take what
	-- has committed since for rows of another life of the cluster.
	for r in
		select a.* from orderly.audit_pending p join orderly.audit a on a.id = p.audit
		where p.xid < pg_snapshot_xmin(pg_current_snapshot())
		   or p.xid >= pg_snapshot_xmax(pg_current_snapshot())
		order by p.xid, p.audit limit budget
	loop
		chain.nr := chain.nr + 1;
		chain.hash := orderly.audit_next(chain.hash, chain.nr, r);
		chain.sealed_to := greatest(chain.sealed_to, r.at);
		insert into orderly.audit_link (nr, audit, hash) values (chain.nr, r.id, chain.hash);
		delete from orderly.audit_pending where audit = r.id;
		done := done + 1;
	end loop;
	if done > 0 then
		update orderly.audit_chain
		set nr = chain.nr, hash = chain.hash, sealed_at = clock_timestamp(), sealed_to = chain.sealed_to;
	end if;
	return done;
end
$$;

-- HMAC-SHA256 of an anchor; the key is shorter than a block.
create function orderly.audit_sign(nr bigint, hash bytea, rows bigint) returns bytea
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	key bytea := (select k.key from orderly.audit_key k);
	inner_pad bytea := decode(repeat('36', 64), 'hex');
	outer_pad bytea := decode(repeat('5c', 64), 'hex');
begin
	for i in 0 .. length(key) - 1 loop
		inner_pad := set_byte(inner_pad, i, get_byte(inner_pad, i) # get_byte(key, i));
		outer_pad := set_byte(outer_pad, i, get_byte(outer_pad, i) # get_byte(key, i));
	end loop;
	return sha256(outer_pad || sha256(inner_pad || int8send(nr) || hash || int8send(rows)));
end
$$;

-- Takes away sealed acts older than the setting audit.days; without the setting it keeps all.
create function orderly.duty_audit_prune(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	days int := orderly.setting_int('audit.days', 0);
	last orderly.audit_link;
	gone record;
	total bigint;
	stop bigint;
begin
	if days <= 0 then
		return 0;
	end if;
	perform from orderly.audit_chain for update;
	-- From the beginning, up to the first act that is to be kept.
	select min(l.nr) - 1 into stop
	from orderly.audit_link l join orderly.audit a on a.id = l.audit
	where a.at >= now() - make_interval(days => days);
	select l.* into last from (
		select * from orderly.audit_link order by nr limit budget) l
	where stop is null or l.nr <= stop
	order by l.nr desc limit 1;
	if last.nr is null then
		return 0;
	end if;
	with links as (delete from orderly.audit_link l where l.nr <= last.nr returning l.audit),
	     acts as (delete from orderly.audit a using links where a.id = links.audit returning a.at)
	select count(*) as n, min(at) as first_at, max(at) as last_at into gone from acts;
	total := gone.n + coalesce((select rows from orderly.audit_anchor order by nr desc limit 1), 0);
	insert into orderly.audit_anchor (nr, hash, rows, first_at, last_at, signature)
	values (last.nr, last.hash, total, gone.first_at, gone.last_at,
	        orderly.audit_sign(last.nr, last.hash, total));
	perform orderly.audit_add('audit_prune', 'audit', last.nr::text, 'done', null,
		jsonb_build_object('rows', gone.n, 'head', last.nr || ':' || encode(last.hash, 'hex')));
	return gone.n;
end
$$;

-- The end of the chain, as it is printed in handovers: its number and its hash.
create function orderly.audit_head() returns text
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
return (select nr || ':' || encode(hash, 'hex') from orderly.audit_chain);

create function orderly.audit_status(out head text, out sealed bigint, out sealed_to timestamptz,
                                     out pending bigint, out oldest_pending timestamptz)
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select orderly.audit_head(), c.nr, c.sealed_to,
	       (select count(*) from orderly.audit_pending),
	       (select min(a.at) from orderly.audit_pending p join orderly.audit a on a.id = p.audit)
	from orderly.audit_chain c;
end;

-- Whether link nr would be whole if the content of a neighbour lay in its place.
create function orderly.audit_swapped(before bytea, link orderly.audit_link, here orderly.audit)
returns bigint
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	other record;
	moved orderly.audit;
begin
	for other in
		select l.nr, a as r from orderly.audit_link l join orderly.audit a on a.id = l.audit
		where l.nr between link.nr - 1000 and link.nr + 1000 and l.nr <> link.nr
		order by abs(l.nr - link.nr)
	loop
		moved := other.r;
		if orderly.audit_next(before, link.nr, moved) = link.hash then
			return other.nr;
		end if;
		moved.id := here.id;
		if orderly.audit_next(before, link.nr, moved) = link.hash then
			return other.nr;
		end if;
		moved.xid := here.xid;
		if orderly.audit_next(before, link.nr, moved) = link.hash then
			return other.nr;
		end if;
	end loop;
	return null;
end
$$;

-- What is wrong with the links first .. last; the problems of the ends are audit_verify()'s.
create function orderly.audit_walk(before bytea, first bigint, last bigint)
returns table (nr bigint, audit bigint, problem text, text text)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	row record;
	expected bigint := first;
	other bigint;
	looked int := 0;
begin
	for row in
		select l as link, l.nr, l.audit, l.hash, a as r, a.id is null as lost
		from orderly.audit_link l left join orderly.audit a on a.id = l.audit
		where l.nr between first and last order by l.nr
	loop
		nr := row.nr;
		audit := row.audit;
		if row.nr > expected then
			nr := expected;
			audit := null;
			problem := 'deleted';
			text := format('%s links are gone, from %s on', row.nr - expected, expected);
			return next;
			nr := row.nr;
			audit := row.audit;
			if row.lost then
				problem := 'deleted';
				text := format('act %s is gone', row.audit);
				return next;
			end if;
		elsif row.lost then
			problem := 'deleted';
			text := format('act %s is gone', row.audit);
			return next;
		elsif orderly.audit_next(before, row.nr, row.r) <> row.hash then
			-- Looking for a swap is dear; after a few finds the rest are only named.
			looked := looked + 1;
			other := case when looked <= 20 then orderly.audit_swapped(before, row.link, row.r) end;
			problem := case when other is null then 'changed' else 'swapped' end;
			text := case when other is null then format('act %s is not what was sealed', row.audit)
			             else format('act %s stands where act number %s of the chain belongs', row.audit, other) end;
			return next;
		end if;
		before := row.hash;
		expected := row.nr + 1;
	end loop;
	if expected <= last then
		nr := expected;
		audit := null;
		problem := 'deleted';
		text := format('%s links are gone, from %s on', last - expected + 1, expected);
		return next;
	end if;
end
$$;

-- The ends of the chain: anchors, the head, an exported head, acts that no seal accounts for.
create function orderly.audit_ends(known text)
returns table (nr bigint, audit bigint, problem text, text text)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select a.nr, null::bigint, 'anchor', 'the anchor was not signed by this store'
	from orderly.audit_anchor a where a.signature <> orderly.audit_sign(a.nr, a.hash, a.rows)
	union all
	select c.nr, null, 'head', 'the chain does not end where the sealer left it'
	from orderly.audit_chain c
	where c.nr > 0 and not exists (
		select from orderly.audit_link l where l.nr = c.nr and l.hash = c.hash
		union all
		select from orderly.audit_anchor a where a.nr = c.nr and a.hash = c.hash)
	   or exists (select from orderly.audit_link l where l.nr > c.nr)
	union all
	select split_part(known, ':', 1)::bigint, null,
	       case when c.nr < split_part(known, ':', 1)::bigint then 'cut' else 'head' end,
	       case when c.nr < split_part(known, ':', 1)::bigint
	            then 'the chain ends at ' || c.nr || ', before the known head'
	            else 'the chain does not pass through the known head' end
	from orderly.audit_chain c
	where known is not null and not exists (
		select from orderly.audit_link l
		where l.nr = split_part(known, ':', 1)::bigint and encode(l.hash, 'hex') = split_part(known, ':', 2)
		union all
		select from orderly.audit_anchor a
		where a.nr = split_part(known, ':', 1)::bigint and encode(a.hash, 'hex') = split_part(known, ':', 2))
	  and not exists (select from orderly.audit_anchor a where a.nr > split_part(known, ':', 1)::bigint)
	union all
	select null, a.id, 'inserted', 'act ' || a.id || ' was never handed to the sealer'
	from orderly.audit a
	where not exists (select from orderly.audit_link l where l.audit = a.id)
	  and not exists (select from orderly.audit_pending p where p.audit = a.id)
	union all
	select null, p.audit, 'deleted', 'act ' || p.audit || ' is gone before it was sealed'
	from orderly.audit_pending p
	where not exists (select from orderly.audit a where a.id = p.audit);
end;

insert into orderly.refusal_code values ('head', 'a head is written as number:hash');

-- Verifies the chain from link `first` on, at most `budget` links; call again with id + 1 until
-- detail.complete. `known` is a head that was kept elsewhere; the ends are looked at in the last
-- call. detail.problems names each place: nr in the chain, the act, what was done to it.
create function orderly.audit_verify(first bigint default 1, budget int default 10000,
                                     known text default null)
returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['security', 'approver', 'admin']);
	anchor orderly.audit_anchor;
	chain orderly.audit_chain;
	problems jsonb;
	before bytea;
	start bigint;
	last bigint;
begin
	if who.code is not null and not orderly.is_setup() then
		return orderly.refuse('audit_verify', 'audit', null, who.code);
	elsif known !~ '^[0-9]{1,18}:[0-9a-f]{64}$' then
		return orderly.refuse('audit_verify', 'audit', null, 'head');
	end if;
	select * into chain from orderly.audit_chain;
	select * into anchor from orderly.audit_anchor order by nr desc limit 1;
	start := greatest(first, coalesce(anchor.nr, 0) + 1, 1);
	last := least(start + greatest(budget, 1) - 1, chain.nr);
	before := case
		when start = anchor.nr + 1 then anchor.hash
		when start = 1 then sha256(convert_to('orderly audit of {store}', 'UTF8'))
		else (select hash from orderly.audit_link where nr = start - 1) end;
	select coalesce(jsonb_agg(to_jsonb(w) order by w.nr), '[]') into problems
	from orderly.audit_walk(coalesce(before, ''), start, last) w;
	if last >= chain.nr then
		select problems || coalesce(jsonb_agg(to_jsonb(e)), '[]') into problems from orderly.audit_ends(known) e;
	end if;
	return row (problems = '[]', case when problems = '[]' then 'done' else 'broken' end,
		case when problems = '[]' then 'whole' else 'the audit was touched' end, last,
		jsonb_build_object('from', start, 'to', last, 'complete', last >= chain.nr,
			'head', orderly.audit_head(), 'problems', problems))::orderly.result;
end
$$;

-- Rights: the security role reads all, everyone else their own acts; nobody writes.
grant select on orderly.audit to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin;
grant select on orderly.audit_anchor, orderly.audit_link to orderly_{store}_security;
grant execute on function orderly.audit_head(), orderly.audit_status(), orderly.audit_verify(bigint, int, text)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;
alter table orderly.audit enable row level security;
create policy audit_read on orderly.audit for select
	using ('security' = any ((select orderly.my_roles())::text[])
	       or person = (select orderly.my_person()));
