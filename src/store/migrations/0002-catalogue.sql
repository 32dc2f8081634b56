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
