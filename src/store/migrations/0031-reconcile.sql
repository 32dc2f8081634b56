-- kind: transaction
-- Reconciling: the messages of an interface in a window against Odoo's records, by key. Asked for by
-- people, done by any worker, page by page, so that nothing is ever held whole and a worker that dies is
-- followed by another at the same place. What was found is kept, and compared with the run before.
--
-- Counts first. Then Odoo's records of the window are read by their numbers into a table beside
-- ("read"); those written since the beginning are read once more ("changed"): a time of writing has
-- parts of a second inside Odoo and none outside, so it is asked for with an overlap, and of the same
-- number the later counts. Then messages are looked for among them ("match"); what is missing is asked
-- for by its key, in any window and archived too ("confirm"); what belongs to no message of any time is
-- extra ("extra"); the table beside is emptied ("clean").

set local role orderly_{store}_owner;

insert into orderly.refusal_code values
	('reconcile_check', 'the catalogue does not say by which field Odoo''s records of this interface are known'),
	('reconcile_window', 'the window must lie in the past, end after it begins, and be 100 days at most'),
	('reconcile_running', 'one of this interface is under way already'),
	('reconcile_over', 'it is over already');

create table orderly.reconcile (
	id bigint generated always as identity primary key,
	interface int not null references orderly.interface (id),
	person int not null references orderly.person (id),
	login text not null,
	asked_at timestamptz not null default clock_timestamp(),
	since timestamptz not null,
	upto timestamptz not null,
	how jsonb not null, -- as the catalogue said it when it was asked for
	types jsonb, -- of the fields that are compared
	state text not null default 'asked' check (state in ('asked', 'running', 'done', 'failed', 'cancelled')),
	phase text not null default 'count'
		check (phase in ('count', 'read', 'changed', 'match', 'confirm', 'extra', 'clean', 'done')),
	place bigint not null default 0, -- how far the phase has come
	low bigint, -- transactions of the window: above this one
	high bigint, -- up to this one
	read_from text, -- by Odoo's clock, when reading began
	ours bigint not null default 0,
	theirs bigint not null default 0,
	read bigint not null default 0,
	looked bigint not null default 0,
	same bigint not null default 0,
	waiting bigint not null default 0, -- still on their way: neither there nor missing
	elsewhere bigint not null default 0, -- there, with a date outside of the window
	missing bigint not null default 0,
	extra bigint not null default 0,
	duplicate bigint not null default 0,
	different bigint not null default 0,
	worker text,
	lease_until timestamptz,
	begun_at timestamptz,
	ended_at timestamptz,
	why text,
	check (since < upto)
) with (fillfactor = 50);
create unique index reconcile_open on orderly.reconcile (interface) where state in ('asked', 'running');

create table orderly.reconcile_record (
	run bigint not null references orderly.reconcile (id),
	record bigint not null,
	key text collate "C", -- as it is compared
	written text not null,
	fields jsonb,
	found bool not null default false,
	primary key (run, record)
);
create index reconcile_record_key on orderly.reconcile_record (run, key);

create table orderly.reconcile_finding (
	run bigint not null references orderly.reconcile (id),
	nr bigint generated always as identity,
	interface int not null,
	facility smallint,
	kind text not null check (kind in ('missing', 'extra', 'duplicate', 'different')),
	key text not null, -- as people know it
	norm text collate "C" not null,
	transaction bigint,
	records bigint[] not null default '{}',
	fields text[] not null default '{}',
	sure bool not null default true, -- missing: Odoo was asked for it by its key
	primary key (run, nr)
);
create unique index reconcile_finding_duplicate on orderly.reconcile_finding (run, norm) where kind = 'duplicate';
create index reconcile_finding_key on orderly.reconcile_finding (run, kind, norm);
create index reconcile_finding_transaction on orderly.reconcile_finding (transaction);

alter table orderly.reconcile enable row level security;
alter table orderly.reconcile_finding enable row level security;
create policy mine on orderly.reconcile for select
	using (interface = any ((select orderly.my_interfaces())::int[]));
create policy mine on orderly.reconcile_finding for select
	using (interface = any ((select orderly.my_interfaces())::int[])
		and (facility is null or facility = any ((select orderly.my_facilities())::smallint[])));
grant select on orderly.reconcile, orderly.reconcile_finding
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;

create function orderly.reconcile_ask(interface text, since timestamptz, upto timestamptz) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['support', 'operator', 'approver']);
	f orderly.interface;
	n bigint;
	why text;
begin
	select * into f from orderly.interface i where i.code = reconcile_ask.interface;
	why := case
		when who.code is not null then who.code
		when f.id is null or f.id <> all (orderly.my_interfaces()) then 'scope'
		when jsonb_typeof(f.endpoint #> '{check,model}') is distinct from 'string'
			or jsonb_typeof(f.endpoint #> '{check,reference,field}') is distinct from 'string' then 'reconcile_check'
		when since is null or upto is null or since >= upto or upto > clock_timestamp() + interval '1 minute'
			or upto - since > interval '100 days' then 'reconcile_window'
		when exists (select from orderly.reconcile r where r.interface = f.id and r.state in ('asked', 'running'))
			then 'reconcile_running' end;
	if why is not null then
		return orderly.refuse('reconcile_ask', 'interface', reconcile_ask.interface, why);
	end if;
	insert into orderly.reconcile (interface, person, login, since, upto, how)
	values (f.id, who.person, session_user, since, upto, f.endpoint -> 'check') returning id into n;
	return orderly.done('reconcile_ask', 'reconcile', n::text, n, null,
		jsonb_build_object('interface', f.code, 'since', since, 'upto', upto));
exception when unique_violation then
	return orderly.refuse('reconcile_ask', 'interface', reconcile_ask.interface, 'reconcile_running');
end
$$;

create function orderly.reconcile_cancel(id bigint) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['support', 'operator', 'approver']);
	r orderly.reconcile;
	why text;
begin
	select * into r from orderly.reconcile c where c.id = reconcile_cancel.id for update;
	why := case when who.code is not null then who.code
		when r.id is null or r.interface <> all (orderly.my_interfaces()) then 'scope'
		when r.state not in ('asked', 'running') then 'reconcile_over' end;
	if why is not null then
		return orderly.refuse('reconcile_cancel', 'reconcile', id::text, why);
	end if;
	update orderly.reconcile c set state = 'cancelled', ended_at = clock_timestamp(), lease_until = null
	where c.id = r.id;
	delete from orderly.reconcile_record c where c.run = r.id;
	return orderly.done('reconcile_cancel', 'reconcile', id::text, id);
end
$$;

-- ---- the worker's side --------------------------------------------------------------------------

-- The run, where this worker holds it; it holds it for another minute.
create function orderly.reconcile_hold(id bigint, worker text) returns orderly.reconcile
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	r orderly.reconcile;
begin
	perform orderly.gate_worker();
	update orderly.reconcile c set lease_until = clock_timestamp() + interval '60 seconds'
	where c.id = reconcile_hold.id and c.state = 'running' and c.worker = reconcile_hold.worker
	returning * into r;
	return r;
end
$$;

create function orderly.claim_reconcile(worker text)
returns table (id bigint, model text, key_field text, date_field text, also text, fields text, since text, upto text,
               phase text, place bigint, read_from text)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	r orderly.reconcile;
begin
	perform orderly.gate_worker();
	select * into r from orderly.reconcile c
	where c.state = 'asked' or (c.state = 'running' and c.lease_until <= clock_timestamp())
	order by c.id limit 1 for update skip locked;
	if r.id is null or coalesce(claim_reconcile.worker, '') = '' then
		return;
	end if;
	update orderly.reconcile c set state = 'running', worker = claim_reconcile.worker,
		lease_until = clock_timestamp() + interval '60 seconds', begun_at = coalesce(c.begun_at, clock_timestamp())
	where c.id = r.id;
	return query select r.id, r.how ->> 'model', r.how #>> '{reference,field}',
		coalesce(r.how ->> 'date', 'create_date'), coalesce(r.how ->> 'also', '[]'),
		(select coalesce(string_agg(k, ',' order by k), '')
		 from jsonb_object_keys(coalesce(r.how -> 'fields', '{}')) k where k !~ '[.]'),
		to_char(r.since at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'),
		to_char(r.upto at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'), r.phase, r.place, r.read_from;
end
$$;

-- Counts of both sides; from when on Odoo's records are read, by its own clock.
create function orderly.reconcile_counted(id bigint, worker text, theirs bigint, types jsonb, read_from text)
returns table (phase text, place bigint)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	r orderly.reconcile := orderly.reconcile_hold(id, worker);
begin
	if r.id is null then
		return;
	end if;
	r.low := orderly.transaction_before(r.since);
	r.high := orderly.transaction_before(r.upto);
	return query update orderly.reconcile c
	set phase = 'read', place = 0, theirs = reconcile_counted.theirs, types = reconcile_counted.types,
		read_from = reconcile_counted.read_from, low = r.low, high = r.high,
		ours = (select count(*) from orderly.transaction t
		        where t.interface = r.interface and t.id > r.low and t.id <= r.high)
	where c.id = r.id returning c.phase, c.place;
end
$$;

-- A page of Odoo's records. Of one number the later counts, so a page may come twice.
create function orderly.reconcile_take(id bigint, worker text, records jsonb, reached bigint, last bool)
returns table (phase text, place bigint)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	r orderly.reconcile := orderly.reconcile_hold(id, worker);
	n bigint;
begin
	if r.id is null or r.phase not in ('read', 'changed') then
		return;
	end if;
	insert into orderly.reconcile_record as t (run, record, key, written, fields)
	select r.id, e.id, nullif(orderly.norm(e.key), ''), coalesce(e.written, ''), e.fields
	from jsonb_to_recordset(records) as e (id bigint, key text, written text, fields jsonb)
	on conflict (run, record) do update
	set key = excluded.key, written = excluded.written, fields = excluded.fields
	where excluded.written >= t.written;
	get diagnostics n = row_count;
	return query update orderly.reconcile c
	set place = case when last then case r.phase when 'changed' then r.low else 0 end else reconcile_take.reached end,
		phase = case when not last then r.phase when r.phase = 'read' then 'changed' else 'match' end,
		read = c.read + case r.phase when 'read' then n else 0 end
	where c.id = r.id returning c.phase, c.place;
end
$$;

-- Looks for the next messages among what was read.
create function orderly.reconcile_match(r orderly.reconcile, budget int) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
	places constant text[] := orderly.odoo_places(r.how #> '{reference}');
	simple constant bool := not places && array(select p from unnest(places) p where p ~ '^[/<]|-[0-9]|^column');
	mapped constant jsonb := coalesce(r.how -> 'fields', '{}');
	c record;
begin
	with now_at as materialized (
		select t.id, t.born, t.facility, t.state, k.key, orderly.norm(k.key) as norm, f.records, f.fields
		from (select * from orderly.transaction t where t.interface = r.interface and t.id > r.place and t.id <= r.high
		      order by t.id limit budget) t
		cross join lateral (select orderly.fill(r.how #>> '{reference,value}', case when simple then orderly.message_terms(t.id)
			else orderly.message_terms(t.id) || coalesce((select orderly.payload_terms(p.body, p.content_type, places)
				from orderly.replay_payload(t.id, t.born) p), '{}') end) as key) k
		left join lateral (select array_agg(o.record order by o.record) as records,
				(array_agg(o.fields order by o.record))[1] as fields
			from orderly.reconcile_record o where o.run = r.id and o.key = orderly.norm(k.key)) f on true
	),
	judged as materialized (
		select w.*, case when w.records is null then 'missing' when cardinality(w.records) > 1 then 'duplicate'
			when d.fields <> '{}' then 'different' end as kind, d.fields as differs
		from now_at w
		cross join lateral (select case when cardinality(w.records) = 1 and w.state = 'done' and mapped <> '{}' then
			orderly.reconcile_differs(r, mapped, w.id, w.born, w.fields) end as fields) d
	),
	marked as (
		update orderly.reconcile_record o set found = true
		where o.run = r.id and not o.found and o.record in (select unnest(w.records) from now_at w)
	),
	kept as (
		insert into orderly.reconcile_finding as f (run, interface, facility, kind, key, norm, transaction, records, fields, sure)
		select r.id, r.interface, j.facility, j.kind, j.key, j.norm, j.id, coalesce(j.records, '{}'),
			coalesce(j.differs, '{}'), j.kind <> 'missing'
		from judged j
		where j.kind is not null and j.norm <> '' and (j.state = 'done' or j.state = 'dead' and j.kind = 'missing')
		order by j.id
		on conflict (run, norm) where kind = 'duplicate' do nothing
		returning f.kind
	)
	select max(w.id) as upto, count(*) as n,
		count(*) filter (where w.norm <> '' and w.records is null and w.state in ('waiting', 'running', 'retrying')) as waiting,
		count(*) filter (where cardinality(w.records) = 1) as one,
		(select count(*) from kept where kind = 'missing') as missing,
		(select count(*) from kept where kind = 'duplicate') as duplicate,
		(select count(*) from kept where kind = 'different') as different
	into c
	from now_at w;
	if c.n = 0 then
		update orderly.reconcile q set phase = 'confirm', place = 0 where q.id = r.id;
		return;
	end if;
	update orderly.reconcile q
	set place = c.upto, looked = q.looked + c.n, waiting = q.waiting + c.waiting, same = q.same + c.one - c.different,
		missing = q.missing + c.missing, duplicate = q.duplicate + c.duplicate, different = q.different + c.different
	where q.id = r.id;
end
$$;

-- The fields of the mapping in which a record differs from the message.
create function orderly.reconcile_differs(r orderly.reconcile, mapped jsonb, id bigint, born date, fields jsonb)
returns text[]
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	terms jsonb := orderly.message_terms(id) || coalesce((
		select orderly.payload_terms(p.body, p.content_type, orderly.odoo_places(mapped))
		from orderly.replay_payload(id, born) p), '{}');
begin
	return array(select m.key from jsonb_each_text(mapped) m
		where r.types ? m.key and orderly.odoo_same(r.types ->> m.key, orderly.fill(m.value, terms), fields -> m.key)
			in ('different', 'missing')
		order by m.key);
end
$$;

-- Records of the window that belong to no message of this interface, of any time.
create function orderly.reconcile_extra(r orderly.reconcile, budget int) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	template constant text := r.how #>> '{reference,value}';
	reached bigint;
	n bigint;
begin
	select max(s.record) into reached from (select o.record from orderly.reconcile_record o
		where o.run = r.id and o.record > r.place order by o.record limit budget) s;
	if reached is null then
		update orderly.reconcile q set phase = 'clean', place = 0 where q.id = r.id;
		return;
	end if;
	insert into orderly.reconcile_finding (run, interface, kind, key, norm, records)
	select r.id, r.interface, 'extra', o.key, o.key, array[o.record]
	from orderly.reconcile_record o
	where o.run = r.id and o.record > r.place and o.record <= reached and not o.found and o.key is not null
	  and not exists (select from orderly.message m where m.interface = r.interface and m.business_norm = o.key
	                  and template = '{business_key}')
	  and not exists (select from orderly.message m where m.interface = r.interface and m.message_norm = o.key
	                  and template = '{message_id}')
	  and not exists (select from orderly.message m where m.interface = r.interface and m.partner_norm = o.key
	                  and template = '{partner_ref}');
	get diagnostics n = row_count;
	update orderly.reconcile q set place = reached, extra = q.extra + n where q.id = r.id;
end
$$;

-- The next piece of what the store does alone.
create function orderly.reconcile_step(id bigint, worker text, budget int) returns table (phase text, place bigint)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	r orderly.reconcile := orderly.reconcile_hold(id, worker);
	gone bigint;
begin
	if r.id is null then
		return;
	elsif r.phase = 'match' then
		perform orderly.reconcile_match(r, budget);
	elsif r.phase = 'extra' then
		perform orderly.reconcile_extra(r, budget);
	elsif r.phase = 'clean' then
		delete from orderly.reconcile_record o where o.run = r.id and o.record in (
			select s.record from orderly.reconcile_record s where s.run = r.id order by s.record limit budget * 10);
		get diagnostics gone = row_count;
		if gone = 0 then
			update orderly.reconcile c set phase = 'done', state = 'done', ended_at = clock_timestamp(), lease_until = null
			where c.id = r.id;
		end if;
	end if;
	return query select c.phase, c.place from orderly.reconcile c where c.id = r.id;
end
$$;

-- What seems to be missing, to be asked for by its key. None: the next phase begins.
create function orderly.reconcile_doubts(id bigint, worker text, want int) returns table (nr bigint, key text)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	r orderly.reconcile := orderly.reconcile_hold(id, worker);
begin
	if r.phase is distinct from 'confirm' then
		return;
	end if;
	return query select f.nr, f.key from orderly.reconcile_finding f
	where f.run = r.id and f.kind = 'missing' and not f.sure and f.nr > r.place order by f.nr limit least(want, 1000);
	if not found then
		update orderly.reconcile c set phase = 'extra', place = 0 where c.id = r.id;
	end if;
end
$$;

-- Of the doubts up to that one, the keys that Odoo has all the same.
create function orderly.reconcile_confirmed(id bigint, worker text, reached bigint, there text[])
returns table (phase text, place bigint)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	r orderly.reconcile := orderly.reconcile_hold(id, worker);
	n bigint;
begin
	if r.phase is distinct from 'confirm' then
		return;
	end if;
	delete from orderly.reconcile_finding f
	where f.run = r.id and f.kind = 'missing' and not f.sure and f.nr <= reached
	  and f.norm in (select orderly.norm(t) from unnest(there) t);
	get diagnostics n = row_count;
	update orderly.reconcile_finding f set sure = true
	where f.run = r.id and f.kind = 'missing' and not f.sure and f.nr <= reached;
	return query update orderly.reconcile c set place = reached, missing = c.missing - n, elsewhere = c.elsewhere + n
	where c.id = r.id returning c.phase, c.place;
end
$$;

-- It cannot go on; what was found stays.
create function orderly.reconcile_failed(id bigint, worker text, why text) returns bool
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	r orderly.reconcile := orderly.reconcile_hold(id, worker);
begin
	update orderly.reconcile c set state = 'failed', why = left(reconcile_failed.why, 500), ended_at = clock_timestamp(),
		lease_until = null
	where c.id = r.id;
	delete from orderly.reconcile_record c where c.run = r.id;
	return r.id is not null;
end
$$;

grant execute on function orderly.reconcile_ask(text, timestamptz, timestamptz), orderly.reconcile_cancel(bigint)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver, orderly_{store}_security,
	orderly_{store}_admin;
grant execute on function orderly.claim_reconcile(text), orderly.reconcile_counted(bigint, text, bigint, jsonb, text),
	orderly.reconcile_take(bigint, text, jsonb, bigint, bool), orderly.reconcile_step(bigint, text, int),
	orderly.reconcile_doubts(bigint, text, int), orderly.reconcile_confirmed(bigint, text, bigint, text[]),
	orderly.reconcile_failed(bigint, text, text) to orderly_{store}_worker;
