-- part
-- Holding the rules against the facts: a few statements over all of them, by one worker at a time.

-- What is to be told of a signal, once for each turn: that it was raised, woke up again, became more urgent,
-- ended. Nothing of a payload is in it.
create table orderly.signal_notice (
	id bigint generated always as identity primary key,
	signal bigint not null references orderly.signal (id) on delete cascade,
	turn int not null,
	what text not null check (what in ('raise', 'again', 'escalate', 'end')),
	severity text not null check (severity in ('info', 'warning', 'page')),
	at timestamptz not null,
	doc jsonb not null,
	unique (signal, turn, what)
);

create function orderly.signal_doc(s orderly.signal) returns jsonb
language sql stable
set search_path = pg_catalog, orderly, pg_temp
return (
	select jsonb_strip_nulls(jsonb_build_object('store', (select t.name from orderly.store t), 'signal', s.id,
		'rule', s.rule, 'title', r.title, 'measure', s.measure, 'object', s.object, 'value', s.value,
		'severity', s.severity, 'interface', i.code, 'system', coalesce(s.system, y.code),
		'since', to_jsonb(s.since), 'owner', coalesce(r.owner, i.technical_owner, i.business_owner, y.owner),
		'runbook', coalesce(r.runbook, i.runbook, y.runbook), 'ended', to_jsonb(s.ended_at)))
	from (select) one
	left join orderly.signal_rule r on r.code = s.rule
	left join orderly.interface i on i.id = s.interface
	left join orderly.system y on s.measure = 'system' and y.code = s.object);

-- Puts these down to be told, and in their history, in their order.
create function orderly.signals_tell(ids bigint[], what text, at timestamptz) returns void
language sql
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	insert into orderly.signal_notice (signal, turn, what, severity, at, doc)
	select s.id, s.turn, case when signals_tell.what = 'raise' and s.turn > 1 then 'again' else signals_tell.what end,
		s.severity, signals_tell.at, orderly.signal_doc(s)
	from orderly.signal s where s.id = any (ids) order by s.id
	on conflict do nothing;
end;

-- Each raise and each end is an act of the machinery, and audited.
create function orderly.signals_note(ids bigint[], what text, at timestamptz) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	if ids is null then
		return;
	end if;
	insert into orderly.signal_history (signal, at, what, words)
	select s.id, signals_note.at, signals_note.what, s.value from orderly.signal s where s.id = any (ids) order by s.id;
	perform orderly.audit_add('signal_' || signals_note.what, 'signal', s.id::text, 'done', null,
		jsonb_build_object('rule', s.rule, 'object', s.object, 'severity', s.severity, 'value', s.value))
	from orderly.signal s where s.id = any (ids) order by s.id;
end
$$;

-- The rules that are true now, each of its object; those that were true already by where they end.
create function orderly.signals_true(at timestamptz)
returns table (rule text, measure text, object text, interface int, system text, severity text, hold_s int,
               amount bigint, value text)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with fact as materialized (select f.* from orderly.signal_facts(signals_true.at) f)
	select distinct on (r.code, f.object) r.code, r.measure, left(f.object, 200), f.interface, f.system, r.severity,
		r.hold_s, f.amount, left(f.value, 500)
	from orderly.signal_rule r
	join orderly.signal_measure m on m.code = r.measure
	join fact f on f.measure = r.measure and f.aspect is not distinct from r.aspect
	left join orderly.interface only_of on only_of.code = r.interface
	left join orderly.signal s on s.rule = r.code and s.object = left(f.object, 200)
		and s.state in ('raised', 'acknowledged', 'snoozed')
	cross join lateral (select case when s.id is null then coalesce(r.threshold, f.own)
		else coalesce(r.ends_at, r.threshold, f.own) end as bound) b
	where r.enabled and (r.interface is null or f.interface = only_of.id)
	  and case when m.below then f.amount <= b.bound else f.amount >= b.bound end
	order by r.code, f.object, case when m.below then f.amount else -f.amount end;
end;

-- Brings the signals up to that. Those that have just been raised.
create function orderly.signals_raise(at timestamptz) returns bigint[]
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	fresh bigint[];
	held bigint[];
begin
	with put as (
		insert into orderly.signal as s (rule, measure, object, interface, system, severity, state, since, raised_at,
			last_true, amount, value)
		select t.rule, t.measure, t.object, t.interface, t.system, t.severity,
			case t.hold_s when 0 then 'raised' else 'pending' end, signals_raise.at,
			case t.hold_s when 0 then signals_raise.at end, signals_raise.at, t.amount, t.value
		from orderly.signals_true(signals_raise.at) t
		order by t.rule, t.object
		on conflict (rule, object) where state <> 'ended' do update set
			last_true = excluded.last_true, amount = excluded.amount, value = excluded.value,
			interface = excluded.interface, system = excluded.system,
			severity = case when s.escalated then s.severity else excluded.severity end
		returning s.id, s.raised_at)
	select array_agg(p.id) filter (where p.raised_at = signals_raise.at) into fresh from put p;
	delete from orderly.signal s where s.state = 'pending' and s.last_true < signals_raise.at;
	with raised as (
		update orderly.signal s
		set state = orderly.act_next('signal', 'raise', s.state), raised_at = signals_raise.at
		from orderly.signal_rule r
		where s.state = 'pending' and r.code = s.rule and s.since <= signals_raise.at - make_interval(secs => r.hold_s)
		returning s.id)
	select array_agg(r.id) into held from raised r;
	return fresh || held;
end
$$;

-- Ends those whose cause has been gone for long enough, or whose rule is gone.
create function orderly.signals_end(at timestamptz) returns bigint[]
language sql
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with ended as (
		update orderly.signal s
		set state = orderly.act_next('signal', 'end', s.state), ended_at = signals_end.at, snoozed_until = null
		where s.state in ('raised', 'acknowledged', 'snoozed') and s.last_true < signals_end.at
		  and not exists (select from orderly.signal_rule r where r.code = s.rule and r.enabled
		                  and s.last_true > signals_end.at - make_interval(secs => r.rest_s))
		returning s.id)
	select array_agg(e.id) from ended e;
end;

create function orderly.signals_wake(at timestamptz) returns bigint[]
language sql
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with woken as (
		update orderly.signal s
		set state = orderly.act_next('signal', 'wake', s.state), turn = s.turn + 1, snoozed_until = null,
			person = null, acted_at = null, reason = null
		where s.state = 'snoozed' and s.snoozed_until <= signals_wake.at
		returning s.id)
	select array_agg(w.id) from woken w;
end;

create function orderly.severity_rank(severity text) returns int
language sql immutable parallel safe
return array_position(array['info', 'warning', 'page'], severity);

-- Why nobody is told of an open signal: what it belongs to is down, which is an incident of its own; a worse
-- rule says the same of the same object; somebody has silenced it; its interface is being worked on. How
-- many changed.
create function orderly.signals_quiet(at timestamptz) returns bigint
language sql
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with live as materialized (
		select s.id, s.rule, s.object, s.measure, s.interface, s.system, i.maintenance,
			array_remove(array[i.source, i.target, s.system, case s.measure when 'system' then s.object end], null) as systems,
			first_value(s.id) over worst as worst, first_value(s.rule) over worst as worst_rule
		from orderly.signal s left join orderly.interface i on i.id = s.interface
		where s.state in ('pending', 'raised', 'acknowledged', 'snoozed')
		window worst as (partition by s.measure, s.object
			order by s.state = 'pending', orderly.severity_rank(s.severity) desc, s.id)
	),
	down as materialized (
		select d.id, d.object, coalesce(u.id, d.id) as root, coalesce(u.object, d.object) as root_object
		from live d left join live u on u.measure = 'system' and u.object = d.system and u.id <> d.id
		where d.measure = 'system' and d.id = d.worst
	),
	wanted as materialized (
		select l.id, coalesce(f.root, nullif(l.worst, l.id)) as root,
			coalesce('folded under ' || f.root_object || ', which is down',
			case when l.worst <> l.id then 'folded under ' || l.worst_rule || ' of the same' end,
			(select 'silenced until ' || to_char(q.until at time zone 'UTC', 'MM-DD HH24:MI') || 'Z by ' || p.name || ': ' || q.reason
			 from orderly.silence q join orderly.person p on p.id = q.person
			 where q.ended_at is null and q.until > signals_quiet.at and q.at <= signals_quiet.at
			   and (q.interface is null or q.interface = l.interface) and (q.rule is null or q.rule = l.rule)
			 order by q.until desc limit 1),
			case when l.maintenance <> '[]' then
				(select 'maintenance until ' || to_char(max(w.end_at) at time zone 'UTC', 'MM-DD HH24:MI') || 'Z'
				 from orderly.maintenance_spans(l.maintenance, signals_quiet.at, signals_quiet.at) w
				 where w.begin_at <= signals_quiet.at and w.end_at > signals_quiet.at
				 having count(*) > 0) end) as quiet
		from live l
		left join lateral (select d.root, d.root_object from down d
			where d.root <> l.id and d.object = any (l.systems) order by d.root limit 1) f on true
	),
	changed as (
		update orderly.signal s set quiet = left(w.quiet, 500), folded_under = w.root
		from wanted w
		where s.id = w.id and (s.quiet, s.folded_under) is distinct from (left(w.quiet, 500), w.root)
		returning s.id)
	select count(*) from changed;
end;

-- Those that people are to be told of now, and those that nobody has answered for too long.
create function orderly.signals_told(at timestamptz) returns bigint[]
language sql
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with told as (
		update orderly.signal s set told = s.turn, told_at = signals_told.at
		where s.state = 'raised' and s.quiet is null and s.told < s.turn
		returning s.id)
	select array_agg(t.id) from told t;
end;

create function orderly.signals_escalate(at timestamptz) returns bigint[]
language sql
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with worse as (
		update orderly.signal s set severity = 'page', escalated = true
		from orderly.signal_rule r
		where r.code = s.rule and s.state = 'raised' and s.quiet is null and s.told = s.turn and not s.escalated
		  and s.told_at <= signals_escalate.at - make_interval(secs => r.escalate_s)
		returning s.id)
	select array_agg(w.id) from worse w;
end;

-- One look at everything. How many signals were raised, woke, escalated or ended; NULL when another session is at it.
create function orderly.signals_evaluate(at timestamptz default clock_timestamp()) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	began constant timestamptz := clock_timestamp();
	raised bigint[];
	ended bigint[];
	woken bigint[];
	worse bigint[];
	calm bigint;
	n int;
begin
	perform from orderly.signal_watch for update skip locked;
	if not found then
		return null;
	end if;
	raised := orderly.signals_raise(at);
	perform orderly.signals_note(raised, 'raise', at);
	woken := orderly.signals_wake(at);
	perform orderly.signals_note(woken, 'wake', at);
	ended := orderly.signals_end(at);
	perform orderly.signals_note(ended, 'end', at);
	calm := orderly.signals_quiet(at);
	perform orderly.signals_tell(orderly.signals_told(at), 'raise', at);
	worse := orderly.signals_escalate(at);
	perform orderly.signals_note(worse, 'escalate', at);
	perform orderly.signals_tell(worse, 'escalate', at);
	perform orderly.signals_tell(array(select s.id from orderly.signal s where s.id = any (ended) and s.told > 0), 'end', at);
	delete from orderly.signal s where s.id = any (array(
		select o.id from orderly.signal o
		where o.ended_at < at - make_interval(days => greatest(orderly.setting_int('signal.days', 90), 1)) limit 200));
	n := coalesce(cardinality(raised), 0) + coalesce(cardinality(woken), 0) + coalesce(cardinality(ended), 0)
		+ coalesce(cardinality(worse), 0);
	if n + calm > 0 then
		perform pg_notify('orderly', 'signal');
	end if;
	update orderly.signal_watch set evaluated_at = clock_timestamp(), evaluated_by = session_user,
		took_ms = extract(epoch from clock_timestamp() - began) * 1000;
	return n;
end
$$;

-- There is never more to do at once.
create function orderly.duty_signals(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	perform orderly.signals_evaluate();
	return 0;
end
$$;
insert into orderly.duty (name, every_ms, budget) values ('signals', 5000, 1000);

-- What people do with signals: the caller is one of the two below.
create function orderly.signals_act(act text, ids bigint[], reason text, until timestamptz default null)
returns orderly.result
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	name constant text := 'signal_' || act;
	who record := orderly.gate(array['operator', 'approver']);
	mine int[];
	why text := who.code;
	good bigint[];
	refused jsonb;
begin
	why := coalesce(why, case
		when coalesce(cardinality(ids), 0) = 0 then 'not_found'
		when cardinality(ids) > 1000 then 'too_many'
		when act = 'snooze' and not orderly.has_reason(reason) or length(reason) > 2000 then 'reason'
		when act = 'snooze' and (until is null or until <= clock_timestamp() or until > clock_timestamp()
			+ make_interval(days => orderly.setting_int('signal.snooze_days', 7))) then 'until' end);
	if why is not null then
		return orderly.refuse(name, 'signal', case when cardinality(ids) = 1 then ids[1]::text end, why, reason);
	end if;
	mine := orderly.my_interfaces();
	perform from orderly.signal s where s.id = any (ids) order by s.id for update;
	with judged as materialized (
		select u.id, case
			when s.id is null or s.interface <> all (mine) or s.state = 'pending' then 'not_found'
			when orderly.act_next('signal', act, s.state) is null then 'state' end as code,
			case when s.interface is null or s.interface = any (mine) then s.state end as state
		from (select distinct i as id from unnest(ids) i) u
		left join orderly.signal s on s.id = u.id
	),
	changed as (
		update orderly.signal s
		set state = orderly.act_next('signal', act, s.state), snoozed_until = signals_act.until, person = who.person,
			acted_at = clock_timestamp(), reason = nullif(btrim(signals_act.reason), '')
		from judged j where s.id = j.id and j.code is null
		returning s.id
	),
	noted as (
		insert into orderly.signal_history (signal, what, person, words)
		select c.id, act, who.person, concat_ws(': ', 'until ' || to_char(until at time zone 'UTC', 'MM-DD HH24:MI') || 'Z',
			nullif(btrim(reason), ''))
		from changed c order by c.id
		returning signal
	)
	select (select array_agg(signal order by signal) from noted),
		jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', id, 'code', code, 'state', state)) order by id)
			filter (where code is not null)
	into good, refused from judged;
	if good is not null then
		perform pg_notify('orderly', 'signal');
	end if;
	return orderly.several(name, 'signal', ids, good, refused, reason);
end
$$;

create function orderly.signal_acknowledge(ids bigint[], reason text default null) returns orderly.result
language sql security definer set search_path = pg_catalog, orderly, pg_temp
return orderly.signals_act('acknowledge', ids, reason);

create function orderly.signal_snooze(ids bigint[], until timestamptz, reason text) returns orderly.result
language sql security definer set search_path = pg_catalog, orderly, pg_temp
return orderly.signals_act('snooze', ids, reason, until);

grant execute on function orderly.signal_acknowledge(bigint[], text), orderly.signal_snooze(bigint[], timestamptz, text)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver, orderly_{store}_security,
	   orderly_{store}_admin;

alter table orderly.signal_notice enable row level security;
create policy signal_notice_read on orderly.signal_notice for select
	using (exists (select from orderly.signal s where s.id = signal));
grant select on orderly.signal_notice to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;
