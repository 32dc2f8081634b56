-- kind: transaction
-- The posture of security, for the security role: credentials and what is due, who may what and when they were
-- here last, roles that should not be one person's, refusals and what was taken out; and access reviews.

set local role orderly_{store}_owner;

insert into orderly.refusal_code values
	('review_open', 'a review is open already'),
	('own_access', 'nobody reviews their own access'),
	('not_reviewed', 'there are persons that nobody has decided about'),
	('verdict', 'a verdict is kept or revoke_asked');

-- Whether the session may see all this. Groups are granted to, but a login may be blocked.
create function orderly.is_security() returns bool
language sql stable
set search_path = pg_catalog, orderly, pg_temp
return 'security' = any (orderly.my_roles());

-- state: ended, ends (within credential.warn_days), rotate (not changed for longer than agreed), unknown
-- (nobody has said when it ends or how often it is to be changed), fine.
create function orderly.posture_credentials()
returns table (name text, kind text, state text, expires_at timestamptz, rotated_at timestamptz, rotate_days int,
               rotate_by timestamptz, title text, owner text, system text, interfaces text, governed bool,
               seen_at timestamptz, seen_by text)
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select c.name, c.kind, case
			when c.expires_at <= now() then 'ended'
			when c.expires_at < now() + make_interval(days => orderly.setting_int('credential.warn_days', 14)) then 'ends'
			when c.rotated_at + c.rotate_every <= now() then 'rotate'
			when c.expires_at is null and c.rotate_every is null
			  or c.rotate_every is not null and c.rotated_at is null then 'unknown'
			else 'fine' end as state,
		c.expires_at, c.rotated_at, extract(day from c.rotate_every)::int, c.rotated_at + c.rotate_every, c.title, c.owner,
		c.system, coalesce(array_to_string(c.interfaces, ' '), '') || coalesce((
			select ' (' || string_agg(i.code, ' ' order by i.code) || ')' from orderly.interface i
			where i.endpoint ->> 'secret' = c.name or exists (
				select from orderly.credential g where g.code = c.name and g.seen_as = i.endpoint ->> 'secret')), ''),
		c.governed, c.seen_at, c.seen_by
	from orderly.credential_facts() c
	where orderly.is_security();
end;

-- Who has got which roles, through every login of PostgreSQL that is a member of a group of this store; what is
-- wrong with that, in words; when the person did anything last (of machines: when the worker was heard of).
create function orderly.access_now()
returns table (login text, person int, name text, roles text[], interfaces text[], facilities text[], classes text[],
               conflict text, last_at timestamptz, standing text)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with known as materialized (
		select coalesce(r.rolname, l.code) as login, l.person as code, l.machine, l.shared, l.blocked, l.code is not null as known,
			r.rolsuper or r.rolbypassrls or r.rolcreaterole as mighty, r.rolname is not null as there,
			orderly.roles_of(coalesce(r.rolname, l.code)) as roles
		from (select a.rolname::text, a.rolsuper, a.rolbypassrls, a.rolcreaterole from pg_roles a where a.rolcanlogin) r
		full join orderly.login l on l.code = r.rolname
	),
	mine as materialized (
		select k.*, p.id as person, p.name, p.active, (
			select coalesce(array_agg(distinct u), '{}') from known o, unnest(o.roles) u
			where o.code = k.code and not o.blocked) as together
		from known k left join orderly.person p on p.code = k.code
		where k.known or k.roles <> '{}'
	)
	select m.login, m.person, m.name, m.roles, s.interfaces, s.facilities, s.classes,
		nullif(concat_ws('; ',
			case when m.together @> '{operator,approver}' then 'asks for replays and approves them' end,
			case when m.together @> '{admin,approver}' then 'proposes changes and approves them' end,
			case when m.together @> '{security}' and m.together && '{operator,approver,admin}' then 'acts and reviews the acts' end,
			case when m.person is not null and m.together && '{ingest,worker}' then 'a person with a machine''s role' end,
			case when m.machine and m.roles && '{support,operator,approver,security,admin}' then 'a machine with a person''s role' end,
			case when m.shared and m.roles <> '{}' then 'a login that several share' end,
			case when not m.known then 'unknown to the store' end,
			case when m.mighty and m.roles <> '{}' then 'more than a person''s rights in PostgreSQL' end,
			case when not m.active and m.roles <> '{}' and not m.blocked then 'has left, and still has roles' end), ''),
		coalesce((select a.at from orderly.audit a where a.person = m.person order by a.id desc limit 1),
			(select max(w.beat_at) from orderly.worker w where w.role = m.login)),
		case when m.blocked then 'blocked' when not m.there then 'no role in PostgreSQL' when not m.active then 'left'
			when not m.known then 'unknown' when m.machine then 'machine' when m.shared then 'shared'
			when m.roles = '{}' then 'no role' else 'active' end
	from mine m
	left join orderly.scope s on s.code = m.login;
end;

create function orderly.posture_access()
returns table (login text, name text, standing text, roles text, conflict text, interfaces text, facilities text,
               classes text, last_at timestamptz, reviewed_at timestamptz, verdict text)
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
begin
	if not orderly.is_security() then
		return;
	end if;
	return query
	select a.login, a.name, a.standing, array_to_string(a.roles, ' '), a.conflict, array_to_string(a.interfaces, ' '),
		array_to_string(a.facilities, ' '), array_to_string(a.classes, ' '), a.last_at, v.decided_at, v.verdict
	from orderly.access_now() a
	left join lateral (
		select i.decided_at, i.verdict
		from orderly.access_review_item i join orderly.access_review r on r.id = i.review
		where i.login = a.login and r.state = 'signed' order by i.review desc limit 1) v on true;
end
$$;

-- Where credentials were refused: by targets, by the other side's signature, by Odoo.
create function orderly.posture_failures()
returns table (source text, what text, total bigint, unresolved bigint, first_at timestamptz, last_at timestamptz,
               owner text)
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select i.code, g.signature, g.total, g.unresolved, g.first_at, g.last_at, coalesce(i.technical_owner, i.business_owner)
	from orderly.failure_group g join orderly.interface i on i.id = g.interface
	where orderly.is_security() and g.class = 'auth'
	  and (g.unresolved > 0 or g.last_at > now() - interval '30 days')
	union all
	select p.server, p.message, count(*), 0, min(p.at), max(p.at), null
	from orderly.odoo_probe p
	where orderly.is_security() and p.class in ('denied', 'auth') group by p.server, p.message;
end;

-- What each person was refused, looked into unmasked, searched and took out as a file, in so many days.
create function orderly.posture_uses(days int)
returns table (login text, name text, acts bigint, refused bigint, last_refusal text, reveals bigint, searches bigint,
               exports bigint, last_at timestamptz)
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select a.login, p.name, count(*) filter (where a.outcome = 'done'), count(*) filter (where a.outcome = 'refused'),
		(array_agg(a.act || ': ' || a.code order by a.id desc) filter (where a.outcome = 'refused'))[1],
		count(*) filter (where a.act in ('reveal_ask', 'payload_ask') and a.outcome = 'done'),
		count(*) filter (where a.act = 'search_ask' and a.outcome = 'done'),
		count(*) filter (where a.act in ('list_export', 'audit_export', 'catalogue_export', 'handover_export', 'posture_export')
			and a.outcome = 'done'),
		max(a.at)
	from orderly.audit a left join orderly.person p on p.id = a.person
	where orderly.is_security() and a.at > now() - make_interval(days => least(greatest(days, 1), 90))
	group by a.login, p.name;
end;

-- ---- access reviews -----------------------------------------------------------------------------

create table orderly.access_review (
	id bigint generated always as identity primary key,
	state text not null default 'open' check (state in ('open', 'signed')),
	begun_by int not null references orderly.person (id),
	begun_at timestamptz not null default clock_timestamp(),
	signed_by int references orderly.person (id),
	signed_login text,
	signed_at timestamptz,
	words text,
	digest bytea,
	constraint access_review_signed check ((state = 'signed') = (num_nonnulls(signed_by, signed_at, digest) = 3))
);
create unique index access_review_open on orderly.access_review (state) where state = 'open';

-- As each login stood when the review began. That nobody decides about their own is held here.
create table orderly.access_review_item (
	review bigint not null references orderly.access_review (id),
	login text not null,
	person int references orderly.person (id),
	name text,
	roles text[] not null,
	scope jsonb not null,
	conflict text,
	standing text not null,
	last_at timestamptz,
	verdict text check (verdict in ('kept', 'revoke_asked')),
	reason text,
	decided_by int references orderly.person (id),
	decided_at timestamptz,
	primary key (review, login),
	constraint access_review_other check (decided_by <> person),
	constraint access_review_decided check (num_nonnulls(verdict, decided_by, decided_at) in (0, 3)),
	constraint access_review_reason check (verdict <> 'revoke_asked' or length(reason) > 0)
);
create index access_review_of on orderly.access_review_item (login, review);

create function orderly.access_review_digest(id bigint) returns bytea
language sql stable
set search_path = pg_catalog, orderly, pg_temp
return sha256(convert_to(coalesce((
	select jsonb_agg(jsonb_build_array(i.login, i.person, i.roles, i.scope, i.conflict, i.verdict, i.reason, i.decided_by)
		order by i.login) from orderly.access_review_item i where i.review = access_review_digest.id), '[]')::text, 'UTF8'));

create function orderly.review_begin() returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['security']);
	new_id bigint;
begin
	if who.code is null and exists (select from orderly.access_review r where r.state = 'open') then
		who.code := 'review_open';
	end if;
	if who.code is not null then
		return orderly.refuse('review_begin', 'access_review', null, who.code);
	end if;
	insert into orderly.access_review (begun_by) values (who.person) on conflict do nothing returning id into new_id;
	if new_id is null then
		return orderly.refuse('review_begin', 'access_review', null, 'review_open');
	end if;
	insert into orderly.access_review_item (review, login, person, name, roles, scope, conflict, standing, last_at)
	select new_id, a.login, a.person, a.name, a.roles, jsonb_build_object('interfaces', a.interfaces, 'facilities',
		a.facilities, 'classes', a.classes), a.conflict, a.standing, a.last_at
	from orderly.access_now() a;
	return orderly.done('review_begin', 'access_review', new_id::text, new_id, null, jsonb_build_object('logins',
		(select count(*) from orderly.access_review_item i where i.review = new_id)));
end
$$;

-- Decides about these logins; those of one's own are left out, and counted as refused.
create function orderly.review_decide(id bigint, logins text[], verdict text, reason text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['security']);
	r orderly.access_review;
	why text := who.code;
	n int;
	own int;
begin
	if why is null then
		select * into r from orderly.access_review t where t.id = review_decide.id for update;
		why := case
			when r.id is null or not exists (select from orderly.access_review_item i
				where i.review = r.id and i.login = any (logins)) then 'not_found'
			when r.state <> 'open' then 'state'
			when verdict is null or verdict not in ('kept', 'revoke_asked') then 'verdict'
			when verdict = 'revoke_asked' and not orderly.has_reason(reason) then 'reason'
			when not exists (select from orderly.access_review_item i where i.review = r.id and i.login = any (logins)
				and i.person is distinct from who.person) then 'own_access' end;
	end if;
	if why is not null then
		return orderly.refuse('review_decide', 'access_review', id::text, why, reason, jsonb_build_object('logins', logins));
	end if;
	update orderly.access_review_item i
	set verdict = review_decide.verdict, reason = nullif(btrim(review_decide.reason), ''), decided_by = who.person,
		decided_at = clock_timestamp()
	where i.review = r.id and i.login = any (logins) and i.person is distinct from who.person;
	get diagnostics n = row_count;
	own := (select count(*) from orderly.access_review_item i
	        where i.review = r.id and i.login = any (logins) and i.person = who.person);
	return orderly.done('review_decide', 'access_review', id::text, id, reason,
		jsonb_build_object('verdict', verdict, 'logins', logins, 'decided', n, 'own', own));
end
$$;

create function orderly.review_sign(id bigint, words text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['security']);
	r orderly.access_review;
	why text := who.code;
	digest constant bytea := orderly.access_review_digest(id);
begin
	if why is null then
		select * into r from orderly.access_review t where t.id = review_sign.id for update;
		why := case
			when r.id is null then 'not_found'
			when r.state <> 'open' then 'state'
			when length(words) > 10000 then 'text'
			when exists (select from orderly.access_review_item i where i.review = r.id and i.verdict is null)
				then 'not_reviewed' end;
	end if;
	if why is not null then
		return orderly.refuse('review_sign', 'access_review', id::text, why);
	end if;
	update orderly.access_review t
	set state = 'signed', signed_by = who.person, signed_login = session_user, signed_at = clock_timestamp(),
		words = nullif(btrim(review_sign.words), ''), digest = orderly.access_review_digest(t.id)
	where t.id = r.id;
	return orderly.done('review_sign', 'access_review', id::text, id, words, jsonb_build_object(
		'digest', encode(digest, 'hex'), 'revoke_asked', (select jsonb_agg(i.login order by i.login)
			from orderly.access_review_item i where i.review = r.id and i.verdict = 'revoke_asked')));
end
$$;

create function orderly.posture_reviews()
returns table (id bigint, state text, begun_by text, begun_at timestamptz, signed_by text, signed_at timestamptz,
               logins bigint, open bigint, revoke bigint, words text, digest text)
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select r.id, r.state, b.name, r.begun_at, s.name, r.signed_at, c.logins, c.open, c.revoke, r.words,
		encode(r.digest, 'hex')
	from orderly.access_review r
	join orderly.person b on b.id = r.begun_by
	left join orderly.person s on s.id = r.signed_by
	cross join lateral (select count(*) as logins, count(*) filter (where i.verdict is null) as open,
			count(*) filter (where i.verdict = 'revoke_asked') as revoke
		from orderly.access_review_item i where i.review = r.id) c
	where orderly.is_security();
end;

create function orderly.posture_review(id bigint)
returns table (login text, name text, mine bool, roles text, interfaces text, facilities text, classes text, conflict text,
               standing text, last_at timestamptz, verdict text, reason text, decided_by text, decided_at timestamptz)
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select i.login, i.name, i.person is not distinct from orderly.my_person(), array_to_string(i.roles, ' '),
		(select string_agg(e, ' ') from jsonb_array_elements_text(nullif(i.scope -> 'interfaces', 'null')) e),
		(select string_agg(e, ' ') from jsonb_array_elements_text(nullif(i.scope -> 'facilities', 'null')) e),
		(select string_agg(e, ' ') from jsonb_array_elements_text(nullif(i.scope -> 'classes', 'null')) e),
		i.conflict, i.standing, i.last_at, i.verdict, i.reason, p.name, i.decided_at
	from orderly.access_review_item i
	left join orderly.person p on p.id = i.decided_by
	where i.review = posture_review.id and orderly.is_security();
end;

-- Leaves a trace that one of these lists is taken as a file.
create function orderly.posture_export(list text, format text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['security']);
	why text := coalesce(who.code, case
		when coalesce(list !~ '^[a-z][a-z-]{0,40}$', true) or coalesce(format, '') not in ('csv', 'jsonl') then 'text' end);
begin
	if why is not null then
		return orderly.refuse('posture_export', 'list', left(list, 41), why);
	end if;
	return orderly.done('posture_export', 'list', list, null, null, jsonb_build_object('format', format));
end
$$;

grant execute on function orderly.posture_credentials(), orderly.posture_access(), orderly.posture_failures(),
	orderly.posture_uses(int), orderly.posture_reviews(), orderly.posture_review(bigint)
	to orderly_{store}_security;
grant execute on function orderly.review_begin(), orderly.review_decide(bigint, text[], text, text),
	orderly.review_sign(bigint, text), orderly.posture_export(text, text)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;

create function orderly.check_reviews() returns table (name text, ok bool, detail text)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	found text;
begin
	select string_agg(r.id::text, ', ') into found
	from orderly.access_review r
	where r.state = 'signed' and r.digest is distinct from orderly.access_review_digest(r.id);
	return query select 'each access review is what was signed', found is null, found;
end
$$;
