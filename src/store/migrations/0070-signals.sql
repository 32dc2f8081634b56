-- kind: transaction
-- Signals: what people are called for when nobody looks. Rules are governed like the rest of the
-- catalogue; what they find is kept here, with what people made of it.

set local role orderly_{store}_owner;

-- What can be measured, of what kind of object, in what unit. below: little of it is bad.
create table orderly.signal_measure (
	code text primary key check (code ~ '^[a-z][a-z_]{0,30}$'),
	title text not null,
	object text not null,
	unit text not null check (unit in ('s', '%', 'count', 'days', 'yes')),
	below bool not null default false
);
insert into orderly.signal_measure values
	('burn', 'an objective''s budget burns, by the burn rule that "aspect" names', 'objective', 'yes'),
	('silence', 'time since the last event, against the cadence of the interface', 'interface', '%'),
	('batch', 'time since a batch was due that has not come', 'interface', 's'),
	('queue', 'transactions that wait or are retried', 'interface', 'count'),
	('queue_growth', 'what came in a quarter of an hour and did not go out', 'interface', 'count'),
	('retries', 'share of attempts that failed in a quarter of an hour', 'interface', '%'),
	('auth', 'transactions whose credentials were refused in a quarter of an hour', 'interface', 'count'),
	('signature', 'deliveries of a webhook whose signature was wrong in a quarter of an hour', 'interface', 'count'),
	('unacknowledged', 'age of the oldest delivery that waits for its acknowledgement', 'interface', 's'),
	('dead_age', 'age of the oldest unresolved dead letter that does not sleep', 'interface', 's'),
	('unowned', 'unresolved dead letters without an owner', 'interface', 'count'),
	('in_doubt', 'replayed items of which nobody knows whether they arrived', 'interface', 'count'),
	('review', 'time since an emergency replay should have been reviewed', 'replay', 's'),
	('held_back', 'how far roll-ups or readers of events are behind', 'store', 's'),
	('worker', 'time since a worker was heard of', 'worker', 's'),
	('duty', 'time since a duty that fails was last done', 'duty', 's'),
	('rotation', 'days since a credential should have been changed', 'credential', 'days'),
	('system', 'a system is down', 'system', 'yes');
insert into orderly.signal_measure values
	('credential', 'days until a credential ends', 'credential', 'days', true);

-- A rule is true of an object whose measure reaches the threshold; without one, the objective of that
-- interface for the same measure is it, and an interface without such an objective is left alone. It is
-- raised when it has been true for hold_s, and ends when it was not true, by ends_at, for rest_s.
-- escalate_s: after how long without an acknowledgement it is told again, as a page.
create table orderly.signal_rule (
	id int primary key,
	code text not null unique check (code ~ '^[a-z0-9][a-z0-9._-]{0,59}$'),
	version int not null,
	title text not null check (length(btrim(title)) > 0),
	measure text not null references orderly.signal_measure (code),
	aspect text,
	threshold bigint,
	ends_at bigint,
	interface text references orderly.interface (code),
	severity text not null default 'warning' check (severity in ('info', 'warning', 'page')),
	hold_s int not null default 0 check (hold_s between 0 and 604800),
	rest_s int not null default 60 check (rest_s between 0 and 604800),
	escalate_s int check (escalate_s between 60 and 604800),
	owner text,
	runbook text,
	enabled bool not null default true,
	note text,
	constraint signal_rule_aspect_check check ((measure = 'burn') = (aspect is not null)
		and coalesce(aspect ~ '^[1-9][0-9]?$', true)),
	constraint signal_rule_threshold_check check (threshold is not null
		or measure in ('queue', 'retries', 'dead_age')),
	constraint signal_rule_ends_at_check check (ends_at is null or threshold is not null)
);
insert into orderly.kind values ('signal_rule', 170, true, false);

-- The rules to begin with. They lie in the store like any first catalogue: with a version and where it
-- came from, to be changed by two.
do $shipped$
declare
	book bigint;
	r record;
begin
	insert into orderly.import (origin, login, reason) values ('setup', session_user, 'rules that come with the store')
	returning id into book;
	for r in
		select v.code, jsonb_build_object('title', v.title, 'measure', v.measure, 'aspect', v.aspect,
			'threshold', v.threshold, 'ends_at', v.ends_at, 'severity', v.severity, 'hold_s', v.hold_s,
			'rest_s', v.rest_s, 'escalate_s', v.escalate_s) as doc
		from (values
			('burn-fast', 'a budget of 30 days would last two', 'burn', '1', 1, null, 'page', 0, 300, null),
			('burn-steady', 'a budget of 30 days would last five', 'burn', '2', 1, null, 'page', 0, 600, null),
			('burn-slow', 'a budget of 30 days would last ten', 'burn', '3', 1, null, 'warning', 0, 900, null),
			('burn-trend', 'a budget of 30 days will not last', 'burn', '4', 1, null, 'warning', 0, 1800, null),
			('silent', 'nothing comes any more', 'silence', null, 200, 150, 'warning', 0, 60, 3600),
			('late-batch', 'a batch has not come', 'batch', null, 900, 1, 'warning', 0, 60, 3600),
			('queue-over-objective', 'the queue is longer than agreed', 'queue', null, null, null, 'warning', 120, 120, null),
			('queue-growing', 'more comes in than goes out', 'queue_growth', null, 500, 200, 'warning', 120, 300, null),
			('retrying', 'many attempts fail', 'retries', null, 25, 15, 'warning', 120, 300, null),
			('auth-failing', 'credentials are refused', 'auth', null, 5, 1, 'page', 0, 300, null),
			('signature-failing', 'a webhook''s signatures are wrong', 'signature', null, 5, 1, 'warning', 0, 300, null),
			('unacknowledged', 'acknowledgements do not come', 'unacknowledged', null, 1800, 900, 'warning', 60, 120, null),
			('dead-over-objective', 'dead letters are older than agreed', 'dead_age', null, null, null, 'warning', 0, 60, null),
			('dead-for-4h', 'a dead letter has waited for four hours', 'dead_age', null, 14400, null, 'warning', 0, 60, null),
			('dead-for-a-day', 'a dead letter has waited for a day', 'dead_age', null, 86400, null, 'page', 0, 60, null),
			('unowned', 'dead letters that nobody has taken', 'unowned', null, 1, null, 'warning', 900, 60, null),
			('in-doubt', 'replays of which nobody knows whether they arrived', 'in_doubt', null, 1, null, 'warning', 60, 60, 7200),
			('review-due', 'an emergency replay was not reviewed', 'review', null, 0, null, 'warning', 0, 60, 86400),
			('held-back', 'roll-ups or readers are held back', 'held_back', null, 120, 30, 'warning', 30, 60, null),
			('worker-missing', 'a worker has not been heard of', 'worker', null, 60, null, 'warning', 0, 60, null),
			('duty-failing', 'a duty of the workers fails', 'duty', null, 60, null, 'warning', 60, 60, null),
			('credential-ends-soon', 'a credential ends within two weeks', 'credential', null, 14, 15, 'warning', 0, 60, null),
			('credential-ends', 'a credential ends within two days', 'credential', null, 2, 3, 'page', 0, 60, null),
			('credential-old', 'a credential should have been changed', 'rotation', null, 0, null, 'warning', 0, 60, null),
			('system-down', 'a system is down', 'system', null, 1, null, 'page', 0, 120, null)
		) v (code, title, measure, aspect, threshold, ends_at, severity, hold_s, rest_s, escalate_s)
	loop
		perform orderly.catalogue_put('signal_rule', r.code, r.doc, null, book);
	end loop;
end
$shipped$;

insert into orderly.act_rule (machine, act, state, becomes)
select 'signal', r.act, s, r.becomes
from (values
	('raise', 'pending', 'raised'),
	('acknowledge', 'raised,snoozed', 'acknowledged'),
	('snooze', 'raised,acknowledged,snoozed', 'snoozed'),
	('wake', 'snoozed', 'raised'),
	('end', 'raised,acknowledged,snoozed', 'ended')) as r (act, states, becomes)
cross join unnest(string_to_array(r.states, ',')) s;

-- A rule that is true of an object. turn grows each time that people are to be told anew.
create table orderly.signal (
	id bigint generated always as identity primary key,
	rule text not null,
	measure text not null,
	object text not null,
	interface int,
	system text,
	severity text not null check (severity in ('info', 'warning', 'page')),
	state text not null check (state in ('pending', 'raised', 'acknowledged', 'snoozed', 'ended')),
	since timestamptz not null, -- true since then
	raised_at timestamptz,
	last_true timestamptz not null,
	amount bigint not null,
	value text not null, -- the same in words
	turn int not null default 1,
	told int not null default 0, -- the last turn that was told
	told_at timestamptz,
	escalated bool not null default false,
	person int references orderly.person (id), -- who acknowledged it, or sent it to sleep
	acted_at timestamptz,
	reason text,
	snoozed_until timestamptz,
	quiet text, -- why nobody is told
	folded_under bigint references orderly.signal (id) on delete set null,
	ended_at timestamptz,
	constraint signal_snoozed check ((state = 'snoozed') = (snoozed_until is not null)),
	constraint signal_ended check ((state = 'ended') = (ended_at is not null))
) with (fillfactor = 50);
create unique index signal_open on orderly.signal (rule, object) where state <> 'ended';
create index signal_by_end on orderly.signal (ended_at) where ended_at is not null;
create index signal_folded on orderly.signal (folded_under) where folded_under is not null;

-- What became of it, line by line.
create table orderly.signal_history (
	id bigint generated always as identity primary key,
	signal bigint not null references orderly.signal (id) on delete cascade,
	at timestamptz not null default clock_timestamp(),
	what text not null,
	person int references orderly.person (id),
	words text
);
create index signal_history_of on orderly.signal_history (signal, id);

-- One row: when the rules were last held against the facts, and how that went. Whoever evaluates holds it.
create table orderly.signal_watch (
	only_row bool primary key default true check (only_row),
	evaluated_at timestamptz,
	evaluated_by text,
	took_ms real
) with (fillfactor = 25);
insert into orderly.signal_watch default values;

-- Rows of an object that is seen by who sees its interface; what concerns none is for all who follow.
alter table orderly.signal enable row level security;
create policy signal_read on orderly.signal for select
	using (interface is null or interface in (select unnest(orderly.my_interfaces())));
alter table orderly.signal_history enable row level security;
create policy signal_history_read on orderly.signal_history for select
	using (exists (select from orderly.signal s where s.id = signal));

-- A rule for one interface is seen by who sees that.
alter table orderly.signal_rule enable row level security;
create policy signal_rule_read on orderly.signal_rule for select
	using (interface is null or exists (select from orderly.interface i where i.code = signal_rule.interface));

grant select on orderly.signal_measure, orderly.signal_rule, orderly.signal_watch to orderly_{store}_support,
	orderly_{store}_operator, orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin;
grant select on orderly.signal, orderly.signal_history to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver;
