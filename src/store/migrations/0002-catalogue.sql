-- kind: transaction
-- The catalogue: systems, facilities, partners, interfaces, objectives; and the one way in which
-- anything governed is changed: proposed by one person, decided by another, every version kept.

set local role orderly_{store}_owner;

create table orderly.system (
	id int primary key,
	code text not null unique check (code ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
	version int not null,
	title text not null check (length(btrim(title)) > 0),
	kind text not null check (kind in ('odoo', 'ehr', 'laboratory', 'pharmacy', 'payer', 'procurement',
		'hr', 'payroll', 'eam', 'wms', 'bank', 'analytics', 'gateway', 'broker', 'files', 'finance',
		'supplier', 'imaging', 'scheduling', 'middleware', 'other')),
	depends_on text[] not null default '{}',
	vendor text,
	vendor_contact text,
	escalation text,
	owner text,
	runbook text,
	note text
);

create table orderly.facility (
	id smallint primary key,
	code text not null unique check (code ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$'),
	version int not null,
	title text not null check (length(btrim(title)) > 0),
	region text,
	zone text not null default 'UTC',
	active bool not null default true
);

create table orderly.partner (
	id int primary key,
	code text not null unique check (code ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
	version int not null,
	title text not null check (length(btrim(title)) > 0),
	kind text not null default 'other' check (kind in ('supplier', 'payer', 'laboratory', 'bank', 'carrier',
		'provider', 'authority', 'other')),
	contact text,
	active bool not null default true
);

-- Maintenance windows: [{"days": ["sun"], "from": "02:00", "to": "04:00", "zone": "Europe/Berlin"}]
-- comes again every week (every day without days, in UTC without a zone, over midnight when "to" is not
-- later); [{"from": "2026-12-01T22:00Z", "to": "2026-12-02T04:00Z"}] comes once.
create function orderly.maintenance_spans(maintenance jsonb, since timestamptz, upto timestamptz)
returns table (begin_at timestamptz, end_at timestamptz)
language plpgsql stable rows 5
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	zone text;
	w jsonb;
begin
	for w in select e from jsonb_array_elements(maintenance) e loop
		if length(w ->> 'from') > 5 then
			return query select (w ->> 'from')::timestamptz, (w ->> 'to')::timestamptz
			where (w ->> 'from')::timestamptz <= maintenance_spans.upto and (w ->> 'to')::timestamptz > maintenance_spans.since;
			continue;
		end if;
		zone := coalesce(w ->> 'zone', 'UTC');
		return query
		select s.a, s.b
		from generate_series(date_trunc('day', maintenance_spans.since at time zone zone) - interval '1 day',
		                     maintenance_spans.upto at time zone zone, interval '1 day') d (day)
		cross join lateral (select (d.day + (w ->> 'from')::time) at time zone zone as a,
			(d.day + (w ->> 'to')::time + case when (w ->> 'to')::time <= (w ->> 'from')::time
				then interval '1 day' else interval '0' end) at time zone zone as b) s
		where (not w ? 'days' or w -> 'days' ? to_char(d.day, 'dy'))
		  and s.a <= maintenance_spans.upto and s.b > maintenance_spans.since;
	end loop;
end
$$;

create function orderly.maintenance_fits(maintenance jsonb) returns bool
language plpgsql immutable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	wall constant text := '^[0-2][0-9]:[0-5][0-9]$';
	moment constant text := '^[0-9]{4}-[0-9]{2}-[0-9]{2}T.*(Z|[+-][0-9]{2}(:?[0-9]{2})?)$';
	days constant jsonb := '["mon", "tue", "wed", "thu", "fri", "sat", "sun"]';
	w jsonb;
	good bool;
begin
	if jsonb_typeof(maintenance) <> 'array' then
		return false;
	end if;
	for w in select e from jsonb_array_elements(maintenance) e loop
		if jsonb_typeof(w) <> 'object' or w - array['days', 'from', 'to', 'zone'] <> '{}' then
			return false;
		elsif w ->> 'from' ~ wall then
			perform (w ->> 'from')::time, (w ->> 'to')::time, now() at time zone coalesce(w ->> 'zone', 'UTC');
			good := w ->> 'to' ~ wall and (not w ? 'days' or jsonb_typeof(w -> 'days') = 'array' and w -> 'days' <@ days);
		else
			good := w ->> 'from' ~ moment and w ->> 'to' ~ moment and not w ? 'days' and not w ? 'zone'
				and (w ->> 'from')::timestamptz < (w ->> 'to')::timestamptz;
		end if;
		if good is not true then
			return false;
		end if;
	end loop;
	return true;
exception when others then
	return false;
end
$$;

-- What the catalogue knows of an interface. Durations carry their unit; the three jsonb columns
-- hold what only the relay and the console read.
create table orderly.interface (
	id int primary key,
	code text not null unique check (code ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
	version int not null,
	title text not null check (length(btrim(title)) > 0),
	source text not null references orderly.system (code),
	target text not null references orderly.system (code),
	style text not null check (style in ('rest', 'webhook', 'event', 'batch', 'file', 'hl7', 'fhir')),
	timing text not null check (timing in ('real-time', 'near-real-time', 'batch', 'hybrid')),
	timing_why text,
	tier smallint not null default 3 check (tier between 1 and 4),
	business_owner text,
	technical_owner text,
	support_team text,
	runbook text,
	entity text,
	system_of_record text references orderly.system (code),
	contract_name text,
	contract_version text,
	data_class text not null check (data_class in ('public', 'internal', 'confidential', 'phi')),
	lifecycle text not null default 'live'
		check (lifecycle in ('draft', 'live', 'coexisting', 'deprecated', 'retired')),
	twin text,
	ordering_key text,
	idempotency text not null default 'none' check (idempotency in ('none', 'key', 'natural')),
	success text not null default 'delivered' check (success in ('delivered', 'acknowledged')),
	retry jsonb not null default '{}' check (jsonb_typeof(retry) = 'object'),
	replay_policy text not null default 'one' check (replay_policy in ('free', 'one', 'two', 'never')),
	replay_limit int not null default 100 check (replay_limit between 1 and 1000000),
	emergency_limit int not null default 0 check (emergency_limit between 0 and 100),
	quarantine_after int not null default 3 check (quarantine_after between 1 and 100),
	rate_per_s real check (rate_per_s > 0),
	endpoint jsonb not null default '{}' check (jsonb_typeof(endpoint) = 'object'),
	payload_type text,
	cadence_s int check (cadence_s > 0),
	batch_due time,
	batch_zone text,
	maintenance jsonb not null default '[]' check (orderly.maintenance_fits(maintenance)),
	note text,
	constraint interface_twin_check check (twin <> code)
);

-- An objective in parts per million of what counts as good, so that everything compares in integers.
-- threshold: ms for latency; s for freshness and dead_age; a count for queue.
create table orderly.slo (
	id int primary key,
	code text not null unique,
	version int not null,
	interface text not null references orderly.interface (code),
	measure text not null check (measure in ('success', 'latency', 'retry', 'freshness', 'queue',
		'dead_age', 'deadline')),
	objective_ppm int not null default 990000 check (objective_ppm between 0 and 1000000),
	threshold bigint check (threshold >= 0),
	window_s int not null default 2592000 check (window_s between 60 and 34560000),
	min_count int not null default 0 check (min_count >= 0),
	due time,
	zone text,
	severity text not null default 'warning' check (severity in ('info', 'warning', 'page')),
	note text,
	unique (interface, measure),
	constraint slo_code_check check (code = interface || '/' || measure),
	constraint slo_threshold_needed_check
		check (measure in ('success', 'retry', 'deadline') or threshold is not null),
	constraint slo_due_check check (measure <> 'deadline' or due is not null)
);

-- How long what is kept, by data class and kind of content. NULL days: for ever.
create table orderly.retention (
	id int primary key,
	code text not null unique,
	version int not null,
	data_class text not null check (data_class in ('public', 'internal', 'confidential', 'phi')),
	kind text not null check (kind in ('events', 'payload', 'rendition', 'rollup', 'dead_letter')),
	days int check (days > 0),
	constraint retention_code_check check (code = data_class || '/' || kind)
);

-- A rule hides one thing: where (interfaces by glob, data classes), in what (payload, headers, error,
-- business_key), which values, and what stands in their place. What is hidden in a payload, and what a
-- rule for "locked" names without hiding it, no edit of a replay may change.
--   json   a path of names: patient.name, items.mrn, **.ssn at any depth; arrays are passed through
--   xml    the local name of an element, or @name of an attribute
--   hl7    SEG-field or SEG-field.component: PID-5, PID-3.1
--   x12    SEG-element: NM1-03
--   csv    the name of a column, or its number from 1
--   header the name of a header
--   regex  a pattern, whose replacement may hold \1
--   all    everything
create table orderly.mask_rule (
	id int primary key,
	code text not null unique check (code ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
	version int not null,
	ord int not null default 100,
	interfaces text[] not null default '{*}' check (array_position(interfaces, null) is null),
	classes text[] not null default '{public,internal,confidential,phi}'
		check (classes <@ array['public', 'internal', 'confidential', 'phi']),
	target text not null default 'payload' check (target in ('payload', 'locked', 'headers', 'error',
		'business_key')),
	kind text not null check (kind in ('json', 'xml', 'hl7', 'x12', 'csv', 'header', 'regex', 'all')),
	matcher text not null default '',
	replacement text not null default '•••' check (length(replacement) <= 200),
	note text,
	constraint mask_rule_target_kind_check check (case target
		when 'payload' then kind <> 'header'
		when 'locked' then kind <> 'header'
		when 'headers' then kind in ('header', 'regex', 'all')
		else kind in ('regex', 'all') end),
	constraint mask_rule_kind_matcher_check check (case kind
		when 'json' then matcher ~ '^(\*\*?|[^.*\s]+)(\.(\*\*?|[^.*\s]+))*$' and matcher !~ '\*\*$'
		when 'xml' then matcher ~ '^@?[A-Za-z_][A-Za-z0-9_-]*$'
		when 'hl7' then matcher ~ '^[A-Z][A-Z0-9]{2}-[1-9][0-9]{0,2}(\.[1-9][0-9]?)?$'
		when 'x12' then matcher ~ '^[A-Z][A-Z0-9]{1,2}-[0-9]{2}$'
		when 'csv' then matcher <> ''
		when 'header' then matcher ~ '^[A-Za-z0-9-]+$'
		when 'regex' then length(matcher) between 1 and 1000 and ('' ~ matcher) is not null
		else matcher = '' end)
);
-- Values that the rules read: limits, times, switches.
create table orderly.setting (
	id int primary key,
	code text not null unique check (code ~ '^[a-z][a-z0-9_.]{0,62}$'),
	version int not null,
	value jsonb not null,
	note text
);

-- The kinds of governed object, in the order in which they can be made. A kind that other rows
-- point to for ever (an interface, a facility) is retired, never removed.
create table orderly.kind (
	code text primary key,
	ord int not null unique,
	removable bool not null,
	setup bool not null default false -- the store's owner may put it in without a proposal
);
insert into orderly.kind values
	('person', 10, false, true),
	('login', 20, true, true),
	('setting', 30, true, false),
	('system', 40, false, false),
	('facility', 50, false, false),
	('partner', 60, false, false),
	('interface', 70, false, false),
	('slo', 80, true, false),
	('retention', 90, true, false),
	('scope', 100, true, true),
	('mask_rule', 110, true, false);

-- A change: a set of objects as they should become, frozen when it is proposed.
create table orderly.change (
	id bigint generated always as identity primary key,
	proposer int not null references orderly.person (id),
	proposer_login text not null,
	at timestamptz not null default clock_timestamp(),
	reason text not null,
	state text not null default 'proposed'
		check (state in ('proposed', 'applied', 'rejected', 'withdrawn', 'stale')),
	undoes bigint references orderly.change (id),
	unique (id, proposer)
);
create index change_open on orderly.change (id) where state = 'proposed';
create index change_undoes on orderly.change (undoes) where undoes is not null;

create table orderly.change_item (
	change bigint not null references orderly.change (id),
	nr int not null,
	kind text not null references orderly.kind (code),
	code text not null,
	base int not null, -- the version it starts from; 0: there was none
	before jsonb,
	doc jsonb, -- NULL: remove it
	primary key (change, nr),
	unique (change, kind, code)
);
create index change_item_object on orderly.change_item (kind, code);

-- Four eyes are held here and not by the functions: the decision carries both persons.
create table orderly.change_decision (
	change bigint primary key,
	proposer int not null,
	decider int not null references orderly.person (id),
	decider_login text not null,
	verdict text not null check (verdict in ('approved', 'rejected')),
	at timestamptz not null default clock_timestamp(),
	reason text,
	foreign key (change, proposer) references orderly.change (id, proposer),
	unique (change, verdict),
	constraint change_decision_four_eyes check (proposer <> decider)
);

-- What was put in without a proposal: setting up people, and the first import of an empty store.
create table orderly.import (
	id bigint generated always as identity primary key,
	origin text not null check (origin in ('setup', 'first_import')),
	at timestamptz not null default clock_timestamp(),
	person int references orderly.person (id),
	login text not null,
	reason text not null
);
create unique index import_first on orderly.import (origin) where origin = 'first_import';

-- Every version of every object. It came by an import, or by a change that has an approval.
create table orderly.catalogue_version (
	kind text not null references orderly.kind (code),
	code text not null,
	version int not null check (version > 0),
	doc jsonb, -- NULL: removed
	at timestamptz not null default clock_timestamp(),
	change bigint,
	import bigint references orderly.import (id),
	verdict text generated always as (case when change is not null then 'approved' end) stored,
	primary key (kind, code, version),
	foreign key (change, verdict) references orderly.change_decision (change, verdict),
	foreign key (change, kind, code) references orderly.change_item (change, kind, code),
	constraint catalogue_version_origin check (num_nonnulls(change, import) = 1)
);
create index catalogue_version_change on orderly.catalogue_version (change);

insert into orderly.refusal_code values
	('four_eyes', 'who proposed a change cannot decide it'),
	('stale', 'the object has changed since this was proposed'),
	('invalid', 'the catalogue does not hold together with this'),
	('nothing', 'this would change nothing'),
	('not_empty', 'the store has a catalogue already; propose a change instead'),
	('not_removable', 'objects of this kind are retired, not removed'),
	('format', 'this is no catalogue document of format 1');

-- What the session may see. Fetched once per statement when a policy says
-- "= any ((select orderly.my_interfaces())::int[])": the cast keeps the bracket from being a subquery.
create function orderly.my_interfaces() returns int[]
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return (
		select coalesce(array_agg(i.id order by i.id), '{}')
		from (
			select s.classes, array(select orderly.glob_like(g) from unnest(s.interfaces) g) as likes
			from orderly.login l
			join orderly.scope s on s.code = l.code
			left join orderly.person p on p.code = l.person
			where l.code = session_user::text and not l.blocked and coalesce(p.active, true)
			offset 0) m -- once, and not for each interface
		join orderly.interface i on i.data_class = any (m.classes) and i.code like any (m.likes));
end
$$;

create function orderly.my_facilities() returns smallint[]
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return (
		select coalesce(array_agg(f.id order by f.id), '{}')
		from orderly.login l
		join orderly.scope s on s.code = l.code
		cross join lateral (select array_agg(orderly.glob_like(g)) as likes from unnest(s.facilities) g) m
		join orderly.facility f on f.code like any (m.likes)
		left join orderly.person p on p.code = l.person
		where l.code = session_user::text and not l.blocked and coalesce(p.active, true));
end
$$;

-- The rules for one target of an interface, in the order in which they are applied.
create function orderly.mask_rules(interface int, what text) returns setof orderly.mask_rule
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select r.*
	from orderly.mask_rule r
	join orderly.interface i on i.id = mask_rules.interface
	where r.target = what and i.data_class = any (r.classes)
	  and i.code like any (select orderly.glob_like(g) from unnest(r.interfaces) g)
	order by r.ord, r.code;
end;

-- Error texts and business keys are masked when they are taken. Ingest asks once per call which
-- interfaces have such rules, and calls mask_value() for those alone.
create function orderly.mask_wanted(what text) returns int[]
language plpgsql stable -- keeps its plan, which a function in SQL would not
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return (select coalesce(array_agg(distinct i.id), '{}')
	        from orderly.mask_rule r
	        join orderly.interface i on i.data_class = any (r.classes)
	             and i.code like any (select orderly.glob_like(g) from unnest(r.interfaces) g)
	        where r.target = what);
end
$$;

create function orderly.mask_value(interface int, what text, value text) returns text
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	r orderly.mask_rule;
begin
	if value is null then
		return null;
	end if;
	for r in select * from orderly.mask_rules(interface, what) loop
		value := case r.kind when 'all' then r.replacement
		         else regexp_replace(value, r.matcher, r.replacement, 'g') end;
	end loop;
	return value;
end
$$;

create function orderly.setting_int(name text, otherwise int) returns int
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
return coalesce((select (value #>> '{}')::numeric::int from orderly.setting
                 where code = name and jsonb_typeof(value) = 'number'), otherwise);

-- The fields of a kind: the columns of its table that a document may name.
create function orderly.catalogue_fields(kind text) returns text[]
language sql stable
set search_path = pg_catalog, orderly, pg_temp
return (select array_agg(a.attname::text order by a.attnum)
        from pg_attribute a
        where a.attrelid = format('orderly.%I', kind)::regclass and a.attnum > 0
          and not a.attisdropped and a.attname not in ('id', 'version', 'code'));

-- A document as its table would give it back: defaults filled in, types as stored, no nulls.
create function orderly.catalogue_norm(kind text, code text, doc jsonb) returns jsonb
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	base jsonb := '{}';
	field record;
	value jsonb;
begin
	for field in select a.attname, pg_get_expr(d.adbin, d.adrelid) as expr
	             from pg_attribute a
	             join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
	             where a.attrelid = format('orderly.%I', kind)::regclass and not a.attisdropped loop
		execute format('select to_jsonb(%s)', field.expr) into value;
		base := base || jsonb_build_object(field.attname, value);
	end loop;
	doc := base || coalesce((select jsonb_object_agg(e.key, e.value) from jsonb_each(doc) e
	                         where e.value <> 'null'), '{}');
	execute format('select to_jsonb(jsonb_populate_record(null::orderly.%I, $1)) - ''id'' - ''version'' - ''code''',
	               kind) into doc using doc;
	return (select coalesce(jsonb_object_agg(e.key, e.value), '{}') from jsonb_each(doc) e
	        where e.value <> 'null');
end
$$;

-- The document of an object as it is now, and its last version (0: there never was one).
create function orderly.catalogue_now(kind text, code text, out doc jsonb, out version int)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	select v.doc, v.version into doc, version
	from orderly.catalogue_version v
	where v.kind = catalogue_now.kind and v.code = catalogue_now.code
	order by v.version desc limit 1;
	version := coalesce(version, 0);
end
$$;

-- Puts one object into its table and keeps the version. Raises where a constraint says no.
create function orderly.catalogue_put(kind text, code text, doc jsonb, change bigint, import bigint)
returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	now_at record := orderly.catalogue_now(kind, code);
	fields text[] := orderly.catalogue_fields(kind);
	next_id int;
begin
	if doc is null then
		execute format('delete from orderly.%I where code = $1', kind) using code;
	else
		doc := orderly.catalogue_norm(kind, code, doc);
		execute format('select coalesce((select id from orderly.%1$I where code = $1),
		                                (select max(id) + 1 from orderly.%1$I), 1)', kind)
			into next_id using code;
		execute format(
			'insert into orderly.%1$I (id, code, version, %2$s)
			 select $1, $2, $3, %2$s from jsonb_populate_record(null::orderly.%1$I, $4)
			 on conflict (code) do update set version = excluded.version, %3$s',
			kind,
			(select string_agg(quote_ident(f), ', ') from unnest(fields) f),
			(select string_agg(format('%1$I = excluded.%1$I', f), ', ') from unnest(fields) f))
			using next_id, code, now_at.version + 1, doc;
	end if;
	insert into orderly.catalogue_version (kind, code, version, doc, change, import)
	values (kind, code, now_at.version + 1, doc, change, import);
end
$$;

-- What is wrong with one object before any table is asked; NULL when nothing is.
create function orderly.catalogue_malformed(kind text, code text, doc jsonb) returns jsonb
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	k record;
	strange text;
begin
	select * into k from orderly.kind where kind.code = catalogue_malformed.kind;
	if k is null then
		return jsonb_build_object('problem', 'unknown_kind', 'text', 'there is no such kind of object');
	elsif code is null then
		return jsonb_build_object('problem', 'required', 'field', 'code', 'text', 'code: is required');
	elsif doc is null then
		if not k.removable then
			return jsonb_build_object('problem', 'not_removable',
				'text', 'objects of this kind are retired, not removed');
		end if;
		return null;
	elsif jsonb_typeof(doc) <> 'object' then
		return jsonb_build_object('problem', 'bad_value', 'text', 'is not a JSON object');
	end if;
	select min(e) into strange from jsonb_object_keys(doc) e
	where e <> all (orderly.catalogue_fields(kind));
	if strange is not null then
		return jsonb_build_object('problem', 'unknown_field', 'field', strange,
			'text', strange || ': there is no such field');
	end if;
	return null;
end
$$;

-- A constraint's complaint in the catalogue's own words: which field, and what about it.
create function orderly.catalogue_complaint(kind text, state text, field text, con text, words text)
returns jsonb
language plpgsql immutable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	name text := coalesce(nullif(field, ''), nullif(regexp_replace(
		regexp_replace(con, '^' || kind || '_', ''), '_(check|fkey|key)$', ''), ''));
	problem text := case
		when state = '23502' then 'required'
		when state = '23503' then 'unknown_reference'
		when state = '23514' then 'not_allowed'
		when state = '23505' then 'twice'
		else 'bad_value' end;
begin
	return jsonb_build_object('problem', problem, 'field', name, 'text',
		coalesce(name || ': ', '') || case problem
			when 'required' then 'is required'
			when 'unknown_reference' then 'names an object that is not there, or is still needed'
			when 'not_allowed' then 'this value is not allowed'
			when 'twice' then 'is there already'
			else words end);
end
$$;

-- Links between objects that no foreign key holds, because they may point either way.
create function orderly.catalogue_dangling() returns setof jsonb
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select jsonb_build_object('kind', 'system', 'code', s.code, 'field', 'depends_on',
		'problem', 'unknown_reference', 'text', 'depends_on: there is no system "' || d || '"')
	from orderly.system s, unnest(s.depends_on) d
	where d = s.code or not exists (select from orderly.system o where o.code = d)
	union all
	select jsonb_build_object('kind', 'interface', 'code', i.code, 'field', 'twin',
		'problem', 'unknown_reference', 'text', 'twin: there is no interface "' || i.twin || '"')
	from orderly.interface i
	where i.twin is not null and not exists (select from orderly.interface o where o.code = i.twin);
end;

-- Puts all of the items in, or none; answers what is wrong with each. With neither a change nor an
-- import to book them on it only tries. Each item has its own subtransaction, so that one pass
-- finds every problem: catalogues change rarely enough for that.
create function orderly.catalogue_apply(items jsonb, change bigint, import bigint) returns jsonb
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	problems jsonb := '[]';
	trial bool := change is null and import is null;
	item record;
	problem jsonb;
	at_field text;
	at_con text;
begin
	if trial then
		insert into orderly.import (origin, login, reason) values ('setup', session_user, 'trial')
		returning id into import;
	end if;
	for item in
		select e ->> 'kind' as kind, e ->> 'code' as code, nullif(e -> 'doc', 'null') as doc,
		       row_number() over (partition by e ->> 'kind', e ->> 'code') as again
		from jsonb_array_elements(items) e
		left join orderly.kind k on k.code = e ->> 'kind'
		order by nullif(e -> 'doc', 'null') is null,
		         case when nullif(e -> 'doc', 'null') is null then -k.ord else k.ord end, e ->> 'code'
	loop
		problem := orderly.catalogue_malformed(item.kind, item.code, item.doc);
		if problem is null and item.again > 1 then
			problem := jsonb_build_object('problem', 'twice', 'text', 'is named twice');
		end if;
		if problem is null then
			begin
				perform orderly.catalogue_put(item.kind, item.code, item.doc, change, import);
			exception when others then
				get stacked diagnostics at_field = column_name, at_con = constraint_name;
				problem := orderly.catalogue_complaint(item.kind, sqlstate, at_field, at_con, sqlerrm);
			end;
		end if;
		if problem is not null then
			problems := problems || (jsonb_build_object('kind', item.kind, 'code', item.code) || problem);
		end if;
	end loop;
	if problems = '[]' then
		select coalesce(jsonb_agg(d), '[]') into problems from orderly.catalogue_dangling() d;
	end if;
	if trial or problems <> '[]' then
		raise exception using errcode = 'OR000', message = 'taken back';
	end if;
	return problems;
exception when sqlstate 'OR000' then
	return problems;
end
$$;

-- The items that differ from what is there, each with where it starts from. Comparing needs the
-- stored form ("after"); what cannot be brought into it counts as different and is judged when it is
-- tried.
create function orderly.catalogue_diff(items jsonb) returns jsonb
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	answer jsonb := '[]';
	item jsonb;
	was record;
	doc jsonb;
begin
	for item in select e from jsonb_array_elements(items) e loop
		was := orderly.catalogue_now(item ->> 'kind', item ->> 'code');
		doc := nullif(item -> 'doc', 'null');
		if doc is not null then
			begin
				doc := orderly.catalogue_norm(item ->> 'kind', item ->> 'code', doc);
			exception when others then
				null; -- named by the trial
			end;
		end if;
		-- A version that was kept before its kind got another field has not changed by that.
		if was.doc is not null then
			was.doc := orderly.catalogue_norm(item ->> 'kind', item ->> 'code', was.doc);
		end if;
		if doc is distinct from was.doc then
			answer := answer || jsonb_build_object('kind', item ->> 'kind', 'code', item ->> 'code',
				'base', was.version, 'before', was.doc, 'doc', item -> 'doc', 'after', doc);
		end if;
	end loop;
	return answer;
end
$$;

-- Freezes a proposal that has been found sound. The caller has passed the gate.
create function orderly.change_freeze(act text, who int, items jsonb, reason text, undoes bigint)
returns orderly.result
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	new_id bigint;
	problems jsonb := orderly.catalogue_apply(items, null, null);
begin
	if problems <> '[]' then
		return orderly.refuse(act, 'change', null, 'invalid', reason, jsonb_build_object('problems', problems));
	end if;
	items := orderly.catalogue_diff(items);
	if items = '[]' then
		return orderly.refuse(act, 'change', null, 'nothing', reason);
	end if;
	insert into orderly.change (proposer, proposer_login, reason, undoes)
	values (who, session_user, btrim(reason), undoes) returning id into new_id;
	insert into orderly.change_item (change, nr, kind, code, base, before, doc)
	select new_id, e.nr, e.item ->> 'kind', e.item ->> 'code', (e.item ->> 'base')::int,
	       nullif(e.item -> 'before', 'null'), nullif(e.item -> 'after', 'null')
	from jsonb_array_elements(items) with ordinality e (item, nr);
	perform pg_notify('orderly', 'change');
	return orderly.done(act, 'change', new_id::text, new_id, reason, jsonb_build_object('items', items));
end
$$;

create function orderly.has_reason(reason text) returns bool
language sql immutable
set search_path = pg_catalog, orderly, pg_temp
return coalesce(length(btrim(reason)) between 3 and 2000, false);

-- items: [{"kind": …, "code": …, "doc": {…} or null to remove}]
create function orderly.change_propose(items jsonb, reason text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['admin']);
begin
	if who.code is not null then
		return orderly.refuse('change_propose', 'change', null, who.code, reason);
	elsif not orderly.has_reason(reason) then
		return orderly.refuse('change_propose', 'change', null, 'reason', reason);
	elsif jsonb_typeof(items) is distinct from 'array' or jsonb_array_length(items) = 0
	   or exists (select from jsonb_array_elements(items) e where jsonb_typeof(e) <> 'object') then
		return orderly.refuse('change_propose', 'change', null, 'format', reason);
	end if;
	return orderly.change_freeze('change_propose', who.person, items, reason, null);
end
$$;

-- Whether the person would decide about an own right: their person, login or scope.
create function orderly.change_touches(id bigint, who int) returns bool
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select exists (
		select from orderly.change_item i
		join orderly.person p on p.id = who
		where i.change = change_touches.id
		  and (i.kind = 'person' and i.code = p.code
		       or i.kind = 'login' and (p.code = i.doc ->> 'person' or p.code = i.before ->> 'person')
		       or i.kind in ('scope', 'login')
		          and exists (select from orderly.login l where l.code = i.code and l.person = p.code)));
end;

-- Whether all interfaces that the change is about lie in the session's scope. New ones lie nowhere yet.
create function orderly.change_in_scope(id bigint) returns bool
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select not exists (
		select from orderly.change_item i
		join orderly.interface f on f.code = split_part(i.code, '/', 1)
		where i.change = change_in_scope.id and i.kind in ('interface', 'slo')
		  and f.id <> all (orderly.my_interfaces()));
end;

-- Why the change cannot be decided by this person now; NULL when it can.
create function orderly.change_obstacle(c orderly.change, who int, approve bool) returns text
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return case
		when c.id is null then 'not_found'
		when c.state <> 'proposed' then 'state'
		when c.proposer = who then 'four_eyes'
		when orderly.change_touches(c.id, who) then 'own_right'
		when not orderly.change_in_scope(c.id) then 'scope'
		when approve and not ('admin' = any (orderly.roles_of(c.proposer_login)) and exists (
			select from orderly.login l join orderly.person p on p.code = l.person
			where l.code = c.proposer_login and p.id = c.proposer and p.active
			  and not l.blocked and not l.shared)) then 'proposer_role'
	end;
end
$$;

insert into orderly.refusal_code values
	('own_right', 'nobody decides about their own rights'),
	('proposer_role', 'who proposed this may no longer propose');

create function orderly.change_decide(id bigint, approve bool, reason text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	act constant text := case when approve then 'change_approve' else 'change_reject' end;
	who record := orderly.gate(array['approver']);
	c orderly.change;
	why text;
	items jsonb;
	problems jsonb;
begin
	if who.code is not null then
		return orderly.refuse(act, 'change', id::text, who.code, reason);
	elsif approve is null then
		raise exception 'change_decide: approve is null' using errcode = '22004';
	elsif not approve and not orderly.has_reason(reason) then
		return orderly.refuse(act, 'change', id::text, 'reason', reason);
	end if;
	-- One decision at a time: what is compared below must not move underneath.
	perform from orderly.store for update;
	select * into c from orderly.change where change.id = change_decide.id for update;
	why := orderly.change_obstacle(c, who.person, approve);
	if why is not null then
		return orderly.refuse(act, 'change', id::text, why, reason,
			case when why = 'state' then jsonb_build_object('state', c.state) end);
	end if;
	if approve then
		select jsonb_agg(jsonb_build_object('kind', i.kind, 'code', i.code, 'doc', i.doc)) into items
		from orderly.change_item i where i.change = c.id;
		if exists (select from orderly.change_item i, orderly.catalogue_now(i.kind, i.code) n
		           where i.change = c.id and n.version <> i.base) then
			update orderly.change set state = 'stale' where change.id = c.id;
			return orderly.refuse(act, 'change', id::text, 'stale', reason);
		end if;
		problems := orderly.catalogue_apply(items, null, null);
		if problems <> '[]' then
			return orderly.refuse(act, 'change', id::text, 'invalid', reason,
				jsonb_build_object('problems', problems));
		end if;
	end if;
	insert into orderly.change_decision (change, proposer, decider, decider_login, verdict, reason)
	values (c.id, c.proposer, who.person, session_user,
	        case when approve then 'approved' else 'rejected' end, btrim(reason));
	if approve then
		problems := orderly.catalogue_apply(items, c.id, null);
		if problems <> '[]' then
			raise exception 'change %: sound when tried, and refused when applied: %', c.id, problems;
		end if;
	end if;
	update orderly.change set state = case when approve then 'applied' else 'rejected' end
	where change.id = c.id;
	perform pg_notify('orderly', 'change');
	return orderly.done(act, 'change', c.id::text, c.id, reason);
end
$$;

create function orderly.change_withdraw(id bigint, reason text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['admin']);
	c orderly.change;
	why text := who.code;
begin
	if why is null then
		select * into c from orderly.change where change.id = change_withdraw.id for update;
		why := case when c.id is null then 'not_found'
		            when c.state <> 'proposed' then 'state'
		            when c.proposer <> who.person then 'not_proposer' end;
	end if;
	if why is not null then
		return orderly.refuse('change_withdraw', 'change', id::text, why, reason);
	end if;
	update orderly.change set state = 'withdrawn' where change.id = c.id;
	perform pg_notify('orderly', 'change');
	return orderly.done('change_withdraw', 'change', id::text, id, reason);
end
$$;

insert into orderly.refusal_code values
	('not_proposer', 'only who proposed this can withdraw it');

-- Rolling back is a change as well: it proposes what was there before, and another person decides.
create function orderly.change_rollback(id bigint, reason text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['admin']);
	c orderly.change;
	why text := who.code;
	items jsonb;
begin
	select * into c from orderly.change where change.id = change_rollback.id;
	why := coalesce(why, case
		when not orderly.has_reason(reason) then 'reason'
		when c.id is null then 'not_found'
		when c.state <> 'applied' then 'state'
		when exists (select from orderly.change_item i, orderly.catalogue_now(i.kind, i.code) n
		             where i.change = c.id and n.version <> i.base + 1) then 'stale' end);
	if why is not null then
		return orderly.refuse('change_rollback', 'change', id::text, why, reason);
	end if;
	select jsonb_agg(jsonb_build_object('kind', i.kind, 'code', i.code, 'doc', i.before)) into items
	from orderly.change_item i where i.change = c.id;
	return orderly.change_freeze('change_rollback', who.person, items, reason, c.id);
end
$$;

-- A document {"format": 1, "system": [{"code": …, …}, …], …} as items; NULL when it is none.
create function orderly.catalogue_items(doc jsonb) returns jsonb
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	if jsonb_typeof(doc) is distinct from 'object' or doc -> 'format' is distinct from '1' then
		return null;
	end if;
	doc := doc - 'format' - 'store';
	if exists (select from jsonb_each(doc) e where jsonb_typeof(e.value) <> 'array') or exists (
		select from jsonb_each(doc) e, jsonb_array_elements(e.value) o where jsonb_typeof(o) <> 'object') then
		return null;
	end if;
	return (select coalesce(jsonb_agg(jsonb_build_object('kind', e.key, 'code', o ->> 'code',
			'doc', o - 'code')), '[]')
	        from jsonb_each(doc) e, jsonb_array_elements(e.value) o);
end
$$;

-- Books items that need no proposal.
create function orderly.catalogue_book(act text, how text, who int, items jsonb, reason text)
returns orderly.result
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	book bigint;
	problems jsonb;
begin
	problems := orderly.catalogue_apply(items, null, null);
	if problems <> '[]' then
		return orderly.refuse(act, 'catalogue', null, 'invalid', reason, jsonb_build_object('problems', problems));
	end if;
	insert into orderly.import (origin, person, login, reason)
	values (how, who, session_user, coalesce(btrim(reason), how)) returning id into book;
	problems := orderly.catalogue_apply(items, null, book);
	if problems <> '[]' then
		raise exception 'import %: sound when tried, and refused when applied: %', book, problems;
	end if;
	return orderly.done(act, 'catalogue', book::text, book, reason, jsonb_build_object(
		'objects', jsonb_array_length(items),
		'digest', encode(sha256(convert_to(items::text, 'UTF8')), 'hex')));
end
$$;

-- A whole catalogue, or a part of one. Into an empty store it goes at once, as an act of its own
-- kind; into any other as a proposal. What the document does not name stays as it is. A dry run
-- answers what would be new, changed and wrong, and leaves nothing behind.
create function orderly.catalogue_import(doc jsonb, dry_run bool, reason text default 'first import')
returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['admin']);
	setup bool := orderly.is_setup();
	items jsonb := orderly.catalogue_items(doc);
	changed jsonb;
	empty bool;
begin
	if who.code is not null and not setup then
		return orderly.refuse('catalogue_import', 'catalogue', null, who.code, reason);
	elsif items is null then
		return orderly.refuse('catalogue_import', 'catalogue', null, 'format', reason);
	elsif not orderly.has_reason(reason) then
		return orderly.refuse('catalogue_import', 'catalogue', null, 'reason', reason);
	end if;
	changed := orderly.catalogue_diff(items);
	if dry_run then
		return row (true, 'dry_run', 'nothing was changed', null, jsonb_build_object(
			'same', jsonb_array_length(items) - jsonb_array_length(changed),
			'changed', changed, 'problems', orderly.catalogue_apply(changed, null, null)))::orderly.result;
	end if;
	perform from orderly.store for update;
	empty := not exists (select from orderly.import where origin = 'first_import')
		and not exists (select from orderly.change where state = 'applied');
	if empty then
		return orderly.catalogue_book('first_import', 'first_import', who.person, changed, reason);
	elsif who.code is null then
		return orderly.change_freeze('catalogue_import', who.person, changed, reason, null);
	elsif exists (select from jsonb_array_elements(changed) e
	              join orderly.kind k on k.code = e ->> 'kind' where not k.setup) then
		return orderly.refuse('catalogue_import', 'catalogue', null, 'not_empty', reason);
	end if;
	return orderly.catalogue_book('setup', 'setup', null, changed, reason);
end
$$;

create function orderly.catalogue_export() returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['admin', 'approver', 'security']);
	doc jsonb := jsonb_build_object('format', 1, 'store', (select name from orderly.store));
	k record;
	part jsonb;
begin
	if who.code is not null and not orderly.is_setup() then
		return orderly.refuse('catalogue_export', 'catalogue', null, who.code);
	end if;
	for k in select code from orderly.kind order by ord loop
		execute format('select jsonb_agg(orderly.catalogue_norm(%1$L, o.code, to_jsonb(o))
		                || jsonb_build_object(''code'', o.code) order by o.code) from orderly.%1$I o', k.code)
			into part;
		doc := doc || jsonb_build_object(k.code, coalesce(part, '[]'));
	end loop;
	perform orderly.audit_add('catalogue_export', 'catalogue', null, 'done', null, null);
	return row (true, 'done', 'done', null, doc)::orderly.result;
end
$$;

-- Setting people up, for the store's owner: the first ones have nobody who could approve them.
create function orderly.setup_put(kind text, code text, doc jsonb) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	items jsonb := jsonb_build_array(jsonb_build_object('kind', kind, 'code', code, 'doc', doc));
begin
	if not orderly.is_setup()
	   or not exists (select from orderly.kind k where k.code = setup_put.kind and k.setup) then
		return orderly.refuse('setup', kind, code, 'not_set_up');
	end if;
	perform from orderly.store for update;
	items := orderly.catalogue_diff(items);
	if items = '[]' then
		return row (true, 'same', 'it was so already', null, null)::orderly.result;
	end if;
	return orderly.catalogue_book('setup', 'setup', null, items, kind || ' ' || code);
end
$$;

create function orderly.person_add(code text, name text, email text default null) returns orderly.result
language sql
set search_path = pg_catalog, orderly, pg_temp
return orderly.setup_put('person', code, jsonb_build_object('name', name, 'email', email));

-- person NULL: the login of a machine.
create function orderly.login_add(login text, person text) returns orderly.result
language sql
set search_path = pg_catalog, orderly, pg_temp
return orderly.setup_put('login', login, jsonb_build_object('person', person, 'machine', person is null));

create function orderly.scope_set(login text, interfaces text[], facilities text[], classes text[])
returns orderly.result
language sql
set search_path = pg_catalog, orderly, pg_temp
return orderly.setup_put('scope', login, jsonb_build_object('interfaces', interfaces,
	'facilities', facilities, 'classes', classes));

-- Makes a login a member of exactly these group roles. Runs with the caller's own rights.
create function orderly.member_set(login text, roles text[]) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	short text;
begin
	foreach short in array array['support', 'operator', 'approver', 'security', 'admin', 'ingest', 'worker'] loop
		if short = any (roles) then
			execute format('grant %I to %I', 'orderly_{store}_' || short, login);
		elsif short = any (orderly.roles_of(login)) then
			execute format('revoke %I from %I', 'orderly_{store}_' || short, login);
		end if;
	end loop;
	if exists (select from unnest(roles) r where r <> all (array['support', 'operator', 'approver',
	           'security', 'admin', 'ingest', 'worker'])) then
		raise exception 'member_set: no such role among %', roles using errcode = '22023';
	end if;
end
$$;

-- Taking rights away at once needs no second person; giving them back does.
create function orderly.login_block(login text, reason text) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['security']);
	now_at record;
	book bigint;
	why text;
begin
	why := coalesce(who.code, case
		when not orderly.has_reason(reason) then 'reason'
		when not exists (select from orderly.login l where l.code = login) then 'not_found'
		when exists (select from orderly.login l where l.code = login and l.blocked) then 'nothing' end);
	if why is not null then
		return orderly.refuse('login_block', 'login', login, why, reason);
	end if;
	perform from orderly.store for update;
	now_at := orderly.catalogue_now('login', login);
	insert into orderly.import (origin, person, login, reason)
	values ('setup', who.person, session_user, btrim(reason)) returning id into book;
	perform orderly.catalogue_put('login', login, now_at.doc || '{"blocked": true}', null, book);
	return orderly.done('login_block', 'login', login, book, reason);
end
$$;

-- Rights. Interfaces and what hangs on them are seen within the scope; the rest of the catalogue
-- by everyone with a role; machines read none of it.
grant select on orderly.system, orderly.facility, orderly.partner, orderly.interface, orderly.slo,
	orderly.retention, orderly.setting, orderly.mask_rule, orderly.kind, orderly.change, orderly.change_item,
	orderly.change_decision, orderly.catalogue_version
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;
grant execute on function orderly.my_interfaces(), orderly.my_facilities(), orderly.catalogue_export(),
	orderly.catalogue_import(jsonb, bool, text), orderly.change_propose(jsonb, text),
	orderly.change_decide(bigint, bool, text), orderly.change_withdraw(bigint, text),
	orderly.change_rollback(bigint, text), orderly.login_block(text, text)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;

alter table orderly.interface enable row level security;
alter table orderly.slo enable row level security;
alter table orderly.catalogue_version enable row level security;
alter table orderly.change_item enable row level security;
create policy interface_read on orderly.interface for select
	using (id = any ((select orderly.my_interfaces())::int[]));
create policy slo_read on orderly.slo for select
	using (exists (select from orderly.interface i where i.code = slo.interface));

-- An object's history is seen by who sees the object.
create policy catalogue_version_read on orderly.catalogue_version for select using (case
	when kind in ('interface', 'slo')
		then exists (select from orderly.interface i where i.code = split_part(catalogue_version.code, '/', 1))
	when kind in ('login', 'scope')
		then (select orderly.my_roles()) && array['security', 'admin', 'approver']
	else true end);
create policy change_item_read on orderly.change_item for select using (case
	when kind in ('interface', 'slo') and base > 0
		then exists (select from orderly.interface i where i.code = split_part(change_item.code, '/', 1))
	when kind in ('login', 'scope', 'interface', 'slo')
		then (select orderly.my_roles()) && array['security', 'admin', 'approver']
	else true end);
