-- kind: transaction
-- Several Odoos: which one an interface belongs to, and who is asked about it.
--
-- A system of the catalogue of kind "odoo" is one database of one server. An interface belongs to the system
-- that its endpoint's check names ("system": "odoo-fin"), else to its target, its source or the system of
-- record, in that order, where that is an Odoo; else to the catalogue's only one. Profiles name their Odoos by
-- the codes of these systems. One without a name is the catalogue's only one, and none of several: a question
-- that goes to the wrong Odoo is answered wrongly, one that goes nowhere is not answered.

set local role orderly_{store}_owner;

-- odoos: the codes of all of them.
create function orderly.odoo_among(odoos text[], endpoint jsonb, target text, source text, record text) returns text
language sql immutable
return coalesce(endpoint #>> '{check,system}', case when target = any (odoos) then target
	when source = any (odoos) then source when record = any (odoos) then record
	when cardinality(odoos) = 1 then odoos[1] end);

create function orderly.odoo_of(interface int) returns text
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
return (
	select orderly.odoo_among(array(select s.code from orderly.system s where s.kind = 'odoo'), f.endpoint, f.target,
		f.source, f.system_of_record)
	from orderly.interface f where f.id = odoo_of.interface);

-- The interfaces about which an Odoo of this name is asked.
create function orderly.odoo_interfaces(name text) returns int[]
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	odoos constant text[] := array(select s.code from orderly.system s where s.kind = 'odoo');
begin
	return array(
		select f.id from orderly.interface f
		where case when coalesce(name, '') = '' then cardinality(odoos) <= 1
			else orderly.odoo_among(odoos, f.endpoint, f.target, f.source, f.system_of_record) = name end);
end
$$;

grant execute on function orderly.odoo_of(int) to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin;

-- What a worker may take up for its Odoo of this name. known: the names of all its Odoos, told by one of
-- them: it takes as well what has lain so long that nobody else has that Odoo either, to say so.
create function orderly.odoo_left(known text[]) returns int[]
language sql stable
set search_path = pg_catalog, orderly, pg_temp
return case when known is not null then (
	select coalesce(array_agg(f.id), '{}') from orderly.interface f
	where not exists (select from unnest(known) k where f.id = any (orderly.odoo_interfaces(k)))) end;

-- Questions for an Odoo, each with what to ask; null where the endpoint names no model. ours: not so,
-- nobody has the Odoo of that system.
create function orderly.odoo_checks(worker text, want int, name text, known text[])
returns table (token uuid, system text, ours bool)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	mine int[];
	strange int[];
begin
	if coalesce(want, 0) <= 0 or orderly.gate_machine('worker') is not null
	   or not exists (select from orderly.replay_check c where c.answered_at is null or c.answered_at < c.asked_at) then
		return;
	end if;
	mine := orderly.odoo_interfaces(name);
	strange := orderly.odoo_left(known);
	return query
	with taken as (
		update orderly.replay_check c
		set token = gen_random_uuid(), token_until = clock_timestamp() + interval '60 seconds',
			worker = left(odoo_checks.worker, 200)
		where c.dead_letter in (
			select n.dead_letter from orderly.replay_check n
			join orderly.dead_letter l on l.id = n.dead_letter
			where (n.answered_at is null or n.answered_at < n.asked_at)
			  and (n.token_until is null or n.token_until <= clock_timestamp())
			  and (l.interface = any (mine)
			       or l.interface = any (strange) and n.asked_at < clock_timestamp() - interval '10 seconds')
			order by n.asked_at limit least(want, 1000) for update of n skip locked)
		returning c.token, c.dead_letter)
	select t.token, orderly.odoo_of(l.interface), l.interface = any (mine)
	from taken t join orderly.dead_letter l on l.id = t.dead_letter;
end
$$;

-- As before, and of which Odoo. The run of one that nobody has is taken up as well, to be ended.
drop function orderly.claim_reconcile(text);
create function orderly.claim_reconcile(worker text, name text, known text[])
returns table (id bigint, model text, key_field text, date_field text, also text, fields text, since text, upto text,
               phase text, place bigint, read_from text, system text, ours bool)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	mine int[];
	strange int[];
	r orderly.reconcile;
begin
	perform orderly.gate_worker();
	if not exists (select from orderly.reconcile c where c.state in ('asked', 'running')) then
		return;
	end if;
	mine := orderly.odoo_interfaces(name);
	strange := orderly.odoo_left(known);
	select * into r from orderly.reconcile c
	where (c.state = 'asked' or c.state = 'running' and c.lease_until <= clock_timestamp())
	  and (c.interface = any (mine)
	       or c.interface = any (strange) and c.asked_at < clock_timestamp() - interval '10 seconds')
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
		to_char(r.upto at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'), r.phase, r.place, r.read_from,
		orderly.odoo_of(r.interface), r.interface = any (mine);
end
$$;

-- As before, and in which Odoo.
drop function orderly.odoo_wanted(bigint);
create function orderly.odoo_wanted(id bigint)
returns table (model text, record bigint, external_id text, reference_field text, reference text, fields text[],
               system text)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	f constant orderly.interface := (select i from orderly.message m join orderly.interface i on i.id = m.interface
	                                 where m.id = odoo_wanted.id);
	how constant jsonb := f.endpoint -> 'check';
	t record;
begin
	if not orderly.transaction_in_scope(odoo_wanted.id) then
		return;
	end if;
	select e.target_model, substring(e.target_ref from '(\d+)$')::bigint as nr into t
	from orderly.events_of(array[odoo_wanted.id]) e
	where e.target_ref ~ '^([a-z0-9_.]+,)?\d{1,12}$' order by e.at desc limit 1;
	return query
	select coalesce(how ->> 'model', t.target_model), t.nr, orderly.fill(how ->> 'external_id', s.terms),
		how #>> '{reference,field}', orderly.fill(how #>> '{reference,value}', s.terms),
		array(select k from jsonb_object_keys(coalesce(how -> 'fields', '{}')) k order by k), orderly.odoo_of(f.id)
	from orderly.shown_terms(odoo_wanted.id, orderly.odoo_places(how)) s
	where coalesce(how ->> 'model', t.target_model) is not null;
end
$$;

-- Odoo does not tell which of a login's keys is used: where there is one it is that, else the newest is told as
-- what it is.
alter table orderly.odoo_probe
	add column system text not null default '', -- by the worker's profile
	add column key_only bool; -- the login has no other

create or replace function orderly.odoo_probed(worker text, detail jsonb) returns bool
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	perform orderly.gate_worker();
	if num_nulls(worker, detail -> 'server', detail -> 'ok', detail -> 'class') > 0 then
		return false;
	end if;
	insert into orderly.odoo_probe (worker, system, server, ok, class, message, version, protocol, latency_ms,
		clock_ahead_ms, key_name, key_made, key_expires, key_only, crons, crons_failing, failing)
	select left(odoo_probed.worker, 200), left(coalesce(d.system, ''), 100), left(d.server, 300), d.ok, d.class,
		left(d.message, 500), d.version, d.protocol, d.latency_ms, d.clock_ahead_ms, left(d.key_name, 200), d.key_made,
		d.key_expires, d.key_only, d.crons, d.crons_failing, left(d.failing, 2000)
	from jsonb_to_record(detail) as d (system text, server text, ok bool, class text, message text, version text,
		protocol text, latency_ms real, clock_ahead_ms bigint, key_name text, key_made timestamptz,
		key_expires timestamptz, key_only bool, crons int, crons_failing int, failing text);
	delete from orderly.odoo_probe p where p.at < clock_timestamp() - interval '7 days';
	return true;
end
$$;

grant execute on function orderly.odoo_checks(text, int, text, text[]), orderly.claim_reconcile(text, text, text[])
	to orderly_{store}_worker;
grant execute on function orderly.odoo_wanted(bigint)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;
