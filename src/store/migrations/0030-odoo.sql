-- kind: transaction
-- Odoo: how the record of a message is found there, whether Odoo has it already, how its fields compare
-- with the payload, and how Odoo does.
--
-- An interface says it in the "check" of its endpoint; only the model is needed:
--   {"model": "purchase.order",
--    "external_id": "middleware.{business_key}",
--    "reference": {"field": "partner_ref", "value": "{business_key}"},
--    "looks": {"amount": {"field": "amount_total", "value": "{/total}"},
--              "date": {"field": "date_order", "value": "{/date}"},
--              "partner": {"field": "partner_id", "reference": "ref", "value": "{/supplier}"}, "days": 3},
--    "also": [["state", "!=", "cancel"]],
--    "fields": {"amount_total": "{/total}", "partner_id.ref": "{/supplier}"},
--    "date": "create_date"}
-- {name} is a term of the message, {/place} a place of its payload as flatten_body() names it: a path in
-- JSON, "BEG-3" in X12 and HL7, "<tag>" in XML; of several of one name the first.

set local role orderly_{store}_owner;

create function orderly.odoo_places(how jsonb) returns text[]
language sql immutable
return array(select distinct m[1] from regexp_matches(how::text, '\{([^{}"]+)\}', 'g') m);

create function orderly.place_name(place text) returns text
language sql immutable
return regexp_replace(regexp_replace(place, '^line \d+ ', ''), '^<([^>]*)> 1$', '<\1>');

create function orderly.payload_terms(body bytea, content_type text, places text[]) returns jsonb
language sql stable
return (
	select coalesce(jsonb_object_agg(t.name, t.value), '{}')
	from (
		select distinct on (n.name) n.name,
			case when n.name ^@ '/' then f.value::jsonb #>> '{}'
				when n.name ^@ '<' then regexp_replace(f.value, '^[^>]*>', '') else f.value end as value
		from orderly.flatten_body(body, content_type) with ordinality f (place, value, nr)
		cross join lateral (select orderly.place_name(f.place) as name) n
		where n.name = any (places)
		order by n.name, f.nr) t);

-- The terms of a message, without its payload's.
create function orderly.message_terms(id bigint) returns jsonb
language sql stable
return (
	select jsonb_build_object('message_id', m.message_id, 'correlation_id', m.correlation,
		'business_key', m.business_key, 'partner_ref', m.partner_ref, 'ordering_key', m.ordering_key,
		'facility', f.code, 'partner', p.code, 'partner_title', p.title, 'interface', i.code)
	from orderly.message m
	join orderly.interface i on i.id = m.interface
	left join orderly.facility f on f.id = m.facility
	left join orderly.partner p on p.id = m.partner
	where m.id = message_terms.id);

-- A template with its places filled in; null where one of them is empty.
create function orderly.fill(template text, terms jsonb) returns text
language plpgsql immutable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	name text;
	words text := template;
begin
	for name in select distinct m[1] from regexp_matches(template, '\{([^{}"]+)\}', 'g') m loop
		if coalesce(btrim(terms ->> name), '') = '' then
			return null;
		end if;
		words := replace(words, '{' || name || '}', btrim(terms ->> name));
	end loop;
	return words;
end
$$;

-- "1.299,00 EUR", "$1,299.00" and "1299" as a number; null when it is none.
create function orderly.amount_of(words text) returns numeric
language plpgsql immutable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	w text := regexp_replace(words, '^\s*([A-Z]{3}|[€$£])?\s*|\s*([A-Z]{3}|[€$£])?\s*$', '', 'g');
begin
	if w !~ '^[-+]?[0-9][0-9.,'' ]*$' then
		return null;
	end if;
	w := translate(w, ''' ', '');
	if w ~ ',\d{1,2}$' or (w ~ ',' and w ~ '\..*,') then
		w := replace(replace(w, '.', ''), ',', '.');
	else
		w := replace(w, ',', '');
	end if;
	return w::numeric;
exception when others then
	return null;
end
$$;

create function orderly.day_of(words text) returns text
language sql immutable
return case when words ~ '^\d{4}-\d{2}-\d{2}' then left(words, 10)
	when words ~ '^\d{8}(\d{4}|\d{6})?$' then concat_ws('-', left(words, 4), substr(words, 5, 2), substr(words, 7, 2)) end;

-- ---- the guard ----------------------------------------------------------------------------------

-- What the worker asks Odoo before something is sent again. A key that is given and empty stays, so that
-- it is not taken for one that was asked.
create function orderly.odoo_question(how jsonb, terms jsonb) returns jsonb
language sql immutable
return jsonb_strip_nulls(jsonb_build_object(
	'model', how -> 'model',
	'also', how ->> 'also', -- a list, as text
	'external_id', case when how ? 'external_id' then coalesce(orderly.fill(how ->> 'external_id', terms), '') end,
	'reference_field', how #> '{reference,field}',
	'reference', case when how ? 'reference' then coalesce(orderly.fill(how #>> '{reference,value}', terms), '') end,
	'amount_field', how #> '{looks,amount,field}',
	'amount_cents', round(orderly.amount_of(orderly.fill(how #>> '{looks,amount,value}', terms)) * 100),
	'date_field', how #> '{looks,date,field}',
	'date', orderly.day_of(orderly.fill(how #>> '{looks,date,value}', terms)),
	'partner_field', how #> '{looks,partner,field}',
	'partner_reference_field', how #> '{looks,partner,reference}',
	'partner_reference', orderly.fill(how #>> '{looks,partner,value}', terms),
	'days', coalesce(how #> '{looks,days}', '3')));

-- For checks that this worker has claimed: what to ask Odoo; null where the endpoint names no model.
create function orderly.odoo_check(token uuid) returns jsonb
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	c record;
	terms jsonb;
begin
	if orderly.gate_machine('worker') is not null then
		return null;
	end if;
	select k.dead_letter as id, l.born, f.code, m.message_id, f.endpoint -> 'check' as how,
		p.body, p.content_type, p.headers
	into c
	from orderly.replay_check k
	join orderly.dead_letter l on l.id = k.dead_letter
	join orderly.interface f on f.id = l.interface
	join orderly.message m on m.id = l.id
	left join lateral orderly.replay_payload(l.id, l.born) p on true
	where k.token = odoo_check.token;
	if c.id is null or jsonb_typeof(c.how -> 'model') is distinct from 'string' then
		return null;
	end if;
	terms := orderly.message_terms(c.id);
	if orderly.odoo_places(c.how) @> array['idempotency_key'] then
		terms := terms || jsonb_build_object('idempotency_key', orderly.replay_key(c.id, c.born, c.code, c.message_id,
			orderly.payload_digest(c.content_type, c.headers, c.body)));
	end if;
	return orderly.odoo_question(c.how,
		orderly.payload_terms(c.body, c.content_type, orderly.odoo_places(c.how)) || terms);
end
$$;

-- ---- beside the payload -------------------------------------------------------------------------

-- Whether a value of Odoo's means the same as ours.
create function orderly.odoo_same(type text, ours text, theirs jsonb) returns text
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
set timezone = 'UTC'
as $$
declare
	mine constant text := btrim(coalesce(ours, ''));
	text_of constant text := case jsonb_typeof(theirs) when 'array' then theirs ->> 1 else theirs #>> '{}' end;
	same bool;
begin
	if type = 'boolean' then
		same := (lower(mine) in ('true', '1', 'yes', 'y', 't')) = (theirs = 'true');
		return case when same then 'equal' else 'different' end;
	elsif theirs is null or theirs in ('false', 'null', '""', '[]') then
		return case when mine = '' then 'equal' else 'missing' end;
	elsif mine = '' then
		return 'different';
	end if;
	same := case
		when type in ('integer', 'float', 'monetary') then
			abs(orderly.amount_of(mine) - (theirs #>> '{}')::numeric) < 0.005
		when type = 'date' then orderly.day_of(mine) = text_of
		when type = 'datetime' and mine ~ '^(\d{8}|\d{4}-\d{2}-\d{2})$' then orderly.day_of(mine) = left(text_of, 10)
		when type = 'datetime' then
			abs(extract(epoch from mine::timestamptz - text_of::timestamptz)) < 1
		when type = 'many2one' and jsonb_typeof(theirs) = 'array' then
			mine = theirs ->> 0 or orderly.norm(mine) = orderly.norm(text_of)
			or text_of ^@ ('[' || mine || '] ') or orderly.norm(mine) = orderly.norm(substring(text_of from '[^,]*$'))
		when type in ('one2many', 'many2many') then mine = jsonb_array_length(theirs)::text
		when type = 'selection' then orderly.norm(mine) = orderly.norm(text_of)
		else regexp_replace(mine, '\s+', ' ', 'g') = regexp_replace(btrim(text_of), '\s+', ' ', 'g') end;
	return case when same then 'equal' else 'different' end;
exception when others then
	return 'different';
end
$$;

-- The rendition that stands for what a replay would send; null terms where it is hidden as a whole.
create function orderly.shown_terms(id bigint, places text[], out terms jsonb, out masked text[])
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	day constant date := (select m.born from orderly.message m where m.id = shown_terms.id);
	raw record;
	seen jsonb;
begin
	terms := orderly.message_terms(id);
	masked := '{}';
	select p.body, p.content_type, r.body as shown, r.how into raw
	from orderly.replay_payload(id, day) p
	left join orderly.rendition r on r.born = day and r.transaction = shown_terms.id and r.key = p.key;
	if raw.body is null then
		return;
	end if;
	seen := case when raw.shown is null then '{}'
		else orderly.payload_terms(convert_to(raw.shown, 'UTF8'), raw.content_type, places) end;
	masked := array(select e.key from jsonb_each_text(orderly.payload_terms(raw.body, raw.content_type, places)) e
		where e.value is distinct from seen ->> e.key);
	terms := seen || terms;
end
$$;

-- From a record back to what made it.
create index event_by_target on orderly.event (target_ref) where target_ref is not null;

-- How the record of a transaction is found: its number where an event told it, an external id, a
-- reference; and which fields are to be compared. As the caller may see it.
create function orderly.odoo_wanted(id bigint)
returns table (model text, record bigint, external_id text, reference_field text, reference text, fields text[])
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	how jsonb := (select f.endpoint -> 'check' from orderly.message m join orderly.interface f on f.id = m.interface
	              where m.id = odoo_wanted.id);
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
		array(select k from jsonb_object_keys(coalesce(how -> 'fields', '{}')) k order by k)
	from orderly.shown_terms(odoo_wanted.id, orderly.odoo_places(how)) s
	where coalesce(how ->> 'model', t.target_model) is not null;
end
$$;

-- A record of Odoo's beside the payload, field by field. record and types: by the names of the mapping.
-- What the payload hides is hidden here on both sides, and not compared: it could be guessed so.
create function orderly.odoo_beside(id bigint, record jsonb, types jsonb)
returns table (field text, source text, ours text, theirs text, verdict text)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	how jsonb := (select f.endpoint -> 'check' from orderly.message m join orderly.interface f on f.id = m.interface
	              where m.id = odoo_beside.id);
	fields jsonb := coalesce(how -> 'fields', '{}');
begin
	if not orderly.transaction_in_scope(odoo_beside.id) then
		return;
	end if;
	return query
	select e.key, e.value, case when h.hidden then '•••' else orderly.fill(e.value, s.terms) end,
		case when h.hidden then '•••' when jsonb_typeof(record -> e.key) = 'array' then record -> e.key ->> 1
			when record -> e.key <> 'false' or types ->> e.key = 'boolean' then record ->> e.key end,
		case when h.hidden then 'hidden' when types ->> e.key is null then 'unknown'
			else orderly.odoo_same(types ->> e.key, orderly.fill(e.value, s.terms), record -> e.key) end
	from orderly.shown_terms(odoo_beside.id, orderly.odoo_places(fields)) s
	cross join jsonb_each_text(fields) e
	cross join lateral (select orderly.odoo_places(to_jsonb(e.value)) && s.masked as hidden) h
	order by e.key;
end
$$;

-- ---- how Odoo does ------------------------------------------------------------------------------

create table orderly.odoo_probe (
	id bigint generated always as identity primary key,
	at timestamptz not null default clock_timestamp(),
	worker text not null,
	server text not null, -- its address and database
	ok bool not null,
	class text not null, -- of the answer
	message text,
	version text,
	protocol text,
	latency_ms real,
	clock_ahead_ms bigint,
	key_name text,
	key_made timestamptz,
	key_expires timestamptz,
	crons int,
	crons_failing int,
	failing text -- their names
);
create index odoo_probe_by_time on orderly.odoo_probe (at);

-- What the worker has seen. Kept for a week.
create function orderly.odoo_probed(worker text, detail jsonb) returns bool
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	perform orderly.gate_worker();
	if num_nulls(worker, detail -> 'server', detail -> 'ok', detail -> 'class') > 0 then
		return false;
	end if;
	insert into orderly.odoo_probe (worker, server, ok, class, message, version, protocol, latency_ms,
		clock_ahead_ms, key_name, key_made, key_expires, crons, crons_failing, failing)
	select left(odoo_probed.worker, 200), left(d.server, 300), d.ok, d.class, left(d.message, 500), d.version,
		d.protocol, d.latency_ms, d.clock_ahead_ms, left(d.key_name, 200), d.key_made, d.key_expires, d.crons,
		d.crons_failing, left(d.failing, 2000)
	from jsonb_to_record(detail) as d (server text, ok bool, class text, message text, version text, protocol text,
		latency_ms real, clock_ahead_ms bigint, key_name text, key_made timestamptz, key_expires timestamptz,
		crons int, crons_failing int, failing text);
	delete from orderly.odoo_probe p where p.at < clock_timestamp() - interval '7 days';
	return true;
end
$$;

grant execute on function orderly.odoo_check(uuid), orderly.odoo_probed(text, jsonb) to orderly_{store}_worker;
grant execute on function orderly.odoo_wanted(bigint), orderly.odoo_beside(bigint, jsonb, jsonb)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;
grant select on orderly.odoo_probe to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	orderly_{store}_security, orderly_{store}_admin;
