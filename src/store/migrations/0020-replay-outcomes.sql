-- kind: transaction
-- What a worker tells about what it sent, and what follows from it.

set local role orderly_{store}_owner;

-- Outcomes that a worker reports: delivered; failed (the target said no); not_sent (certain that
-- nothing reached it: comes again); in_doubt; present (the target had it before). What is in doubt at a
-- target that keeps repeats apart is sent again with the same key, five times at most.
-- results: [{"lease": …, "outcome": …, "class", "code", "text", "http_status", "retry_after_s",
--            "message_id", "target_model", "target_ref", "at"}]
-- Each that was sent becomes a transaction of its own, child of the one that died. Answers per result;
-- telling the same outcome twice is fine.
create function orderly.complete_replay(results jsonb) returns table (lease uuid, item bigint, ok bool, code text, state text)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	blocked text := orderly.gate_machine('worker');
	error_of constant int[] := orderly.mask_wanted('error');
	told uuid[];
	done_items bigint[];
	answer jsonb;
begin
	if jsonb_typeof(results) = 'object' then
		results := jsonb_build_array(results);
	end if;
	if jsonb_typeof(results) is distinct from 'array' or blocked is not null then
		return query select null::uuid, null::bigint, false, coalesce(blocked, 'outcome'), null::text;
		return;
	end if;
	told := array(select (e ->> 'lease')::uuid from jsonb_array_elements(results) e);
	perform from orderly.replay_request q
	where q.id in (select t.request from orderly.replay_item t where t.lease = any (told)) order by q.id for update;
	perform from orderly.replay_item t where t.lease = any (told) order by t.id for update;
	with said as materialized (
		select distinct on (e.lease) e.* from jsonb_to_recordset(results) as e (lease uuid, outcome text, class text,
			code text, text text, http_status int, retry_after_s real)
		order by e.lease
	),
	judged as materialized (
		select s.*, t.id, t.state as was, a.act, r.becomes, case
			when t.id is null then 'lease'
			when s.outcome is null or s.outcome <> all (array['delivered', 'failed', 'not_sent', 'in_doubt', 'present'])
				then 'outcome'
			when s.class is not null and not exists (select from orderly.error_class c where c.code = s.class) then 'outcome'
			when t.outcome = s.outcome and t.state = any (array['delivered', 'failed', 'in_doubt']) then 'repeat'
			when r.becomes is null then 'state' end as refusal
		from said s
		left join orderly.replay_item t on t.lease = s.lease
		left join orderly.interface f on f.id = t.interface
		cross join lateral (select case
			when s.outcome = 'in_doubt' and t.state = 'sending' and f.idempotency <> 'none' and t.sends < 5
				then 'again' else s.outcome end as act) a
		left join orderly.act_rule r on r.machine = 'replay_item' and r.act = a.act and r.state = t.state
	),
	changed as (
		update orderly.replay_item t
		set state = j.becomes, outcome = j.outcome,
			class = j.class, code = j.code, http_status = j.http_status,
			text = case when t.interface = any (error_of) then orderly.mask_value(t.interface, 'error', left(j.text, 4000))
				else left(j.text, 4000) end,
			lease_until = null, lease = case when j.act in ('not_sent', 'again') then null else t.lease end,
			head = t.head and j.act in ('not_sent', 'again', 'in_doubt'),
			-- Ever later, and with jitter, so that what failed together does not come back together.
			next_try_at = case when j.act in ('not_sent', 'again') then clock_timestamp() + least(make_interval(secs =>
				greatest(coalesce(j.retry_after_s, 0) * (1 + random() / 4),
					5 * power(2, least(t.claims, 7) - 1) * (0.75 + random() / 2))), interval '1 hour')
				else t.next_try_at end,
			settled_at = case when j.act not in ('not_sent', 'again') then clock_timestamp() end
		from judged j where t.id = j.id and j.refusal is null
		returning t.id, t.lease, t.state)
	select coalesce(jsonb_agg(jsonb_build_object('lease', j.lease, 'item', j.id,
			'code', coalesce(case j.refusal when 'repeat' then null else j.refusal end, 'done'),
			'state', coalesce(c.state, j.was))), '[]'),
		array_agg(j.id order by j.id) filter (where j.refusal is null)
	into answer, done_items
	from judged j left join changed c on c.id = j.id;
	if done_items is not null then
		perform orderly.replay_children(done_items, results);
		perform orderly.replay_settled(done_items);
	end if;
	return query select (a ->> 'lease')::uuid, (a ->> 'item')::bigint, a ->> 'code' = 'done', a ->> 'code', a ->> 'state'
	from jsonb_array_elements(answer) a;
end
$$;

-- The transactions of replays that reached an outcome, told to the store like any other events.
create function orderly.replay_children(items bigint[], results jsonb) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	events bytea[];
	sent bigint[];
	interfaces int[];
	names text[];
	taken record;
begin
	with said as materialized (
		select distinct on (e ->> 'lease') (e ->> 'lease')::uuid as lease, e
		from jsonb_array_elements(results) e where e ->> 'lease' is not null
	),
	child as materialized (
		select i.id, i.interface as interface_id, i.dead_letter, i.state, i.class, i.code, i.text, i.http_status, i.sends, i.sending_at,
			coalesce((e ->> 'at')::timestamptz, clock_timestamp()) as at, f.code as interface, f.success,
			coalesce(nullif(e ->> 'message_id', ''), m.message_id || '~' || i.id) as message_id,
			m.message_id as parent, m.correlation, m.business_key, m.entity, m.partner_ref,
			y.code as facility, p.code as partner, i.idempotency_key, e
		from orderly.replay_item i
		join orderly.interface f on f.id = i.interface
		join orderly.message m on m.id = i.dead_letter
		left join orderly.facility y on y.id = i.facility
		left join orderly.partner p on p.id = m.partner
		left join said r on r.lease = i.lease
		where i.id = any (items) and i.state in ('delivered', 'failed') and i.outcome <> 'present'
	)
	select array_agg(convert_to(jsonb_strip_nulls(jsonb_build_object(
		'interface', c.interface, 'message_id', c.message_id, 'parent_id', c.parent, 'correlation_id', c.correlation,
		'business_key', c.business_key, 'entity', c.entity, 'facility', c.facility, 'partner', c.partner,
		'partner_ref', c.partner_ref, 'component', 'replay', 'stage', 'replay ' || c.id,
		'idempotency_key', c.idempotency_key, 'attempt', k.attempt,
		'kind', k.kind, 'at', to_char(k.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
		|| case when k.n = 2 then jsonb_strip_nulls(jsonb_build_object('class', c.class, 'code', c.code,
			'text', c.text, 'http_status', c.http_status, 'target_model', c.e ->> 'target_model',
			'target_ref', c.e ->> 'target_ref')) else '{}' end)::text, 'UTF8') order by c.id, k.n),
		array_agg(c.id order by c.id) filter (where k.n = 1),
		array_agg(c.interface_id order by c.id) filter (where k.n = 1),
		array_agg(c.message_id order by c.id) filter (where k.n = 1)
	into events, sent, interfaces, names
	from child c
	cross join lateral (values
		(1, 'attempted', coalesce(c.sending_at, c.at), 1),
		(2, case when c.state = 'failed' then 'dead' when c.success = 'acknowledged' then 'acknowledged'
		         else 'delivered' end, c.at, 1)) k (n, kind, at, attempt);
	if events is null then
		return;
	end if;
	select * into taken from orderly.ingest(events);
	if taken.rejected > 0 then
		raise exception 'replay_children: % of % events were rejected', taken.rejected, cardinality(events);
	end if;
	with born as (
		select i.id, i.dead_letter, m.id as child
		from unnest(sent, interfaces, names) s (item, interface, name)
		join orderly.replay_item i on i.id = s.item
		join orderly.message m on m.interface = s.interface and m.message_id = s.name collate "C"
	),
	noted as (
		update orderly.replay_item i set replayed_as = b.child from born b where i.id = b.id)
	insert into orderly.lineage (child, parent, item)
	select b.child, b.dead_letter, b.id from born b where b.child <> b.dead_letter
	on conflict (child) do nothing;
end
$$;

-- What follows from outcomes: for the dead letters, for those behind them, for the requests.
create function orderly.replay_settled(items bigint[], wait bool default true) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	k record;
	r bigint;
begin
	select array_agg(i.dead_letter) filter (where i.state = 'delivered') as delivered,
		array_agg(i.dead_letter) filter (where i.state = 'failed') as failed,
		array_agg(i.replayed_as) filter (where i.replayed_as is not null) as children,
		array_agg(i.dead_letter) filter (where i.state = 'in_doubt') as doubt,
		array_agg(i.dead_letter) filter (where i.state = 'waiting') as again,
		array_agg(i.dead_letter) filter (where i.state in ('refused', 'cancelled')) as off,
		array_agg(i.dead_letter) filter (where i.state in ('failed', 'refused', 'cancelled') and t.state <> 'dead') as went_on,
		array_agg(i.id) filter (where i.ordering_key is not null and not i.live) as sorted
	into k from orderly.replay_item i join orderly.transaction t on t.id = i.dead_letter where i.id = any (items);
	perform orderly.replay_order_lock(k.sorted is not null);
	perform orderly.replay_letters_lock(items);
	-- Told of before, and dead: its story is that of its parent's dead letter.
	perform orderly.dead_letters_step('revive', k.children, 'it was the replay of another');
	if k.delivered is not null then
		update orderly.dead_letter l set replayed_as = i.replayed_as
		from orderly.replay_item i where i.id = any (items) and i.state = 'delivered' and l.id = i.dead_letter;
		perform orderly.dead_letters_step('replay_succeed', k.delivered, 'replayed');
	end if;
	if k.failed is not null then
		perform orderly.dead_letters_refail(items);
	end if;
	if k.doubt is not null then
		perform orderly.dead_letters_step('replay_doubt', k.doubt);
	end if;
	if k.again is not null then
		perform orderly.dead_letters_step('replay_again', k.again);
	end if;
	if k.off is not null then
		perform orderly.dead_letters_step('replay_end', k.off);
	end if;
	if k.went_on is not null then
		perform orderly.dead_letters_step('revive', k.went_on, 'the transaction went on by itself');
	end if;
	if k.sorted is not null then
		perform orderly.replay_heads(k.sorted);
	end if;
	-- One that a claim looks at just now is left to it: it holds items, and may wait for our order lock.
	update orderly.replay_item i set next_try_at = '-infinity'
	where i.id in (select t.id from orderly.replay_item t
	               where t.behind = any (array_cat(k.delivered, k.off)) and t.state = 'waiting' for update skip locked);
	for r in select distinct i.request from orderly.replay_item i where i.id = any (items) order by 1 loop
		perform orderly.replay_sweep(r, wait);
		perform orderly.replay_progress(r, wait);
	end loop;
end
$$;

-- The faults of which these failed.
create function orderly.replay_faults(items bigint[])
returns table (dead_letter bigint, interface int, class text, signature text, print bytea)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select f.dead_letter, f.interface, f.class, f.signature, orderly.fingerprint(f.interface, f.class, f.signature)
	from (select distinct on (i.dead_letter) i.dead_letter, i.interface, coalesce(i.class, 'unknown') as class,
	             orderly.error_signature(coalesce(i.text, i.code, '')) as signature
	      from orderly.replay_item i where i.id = any (items) and i.state = 'failed'
	      order by i.dead_letter, i.id desc) f;
end;

-- Locks at once all groups and dead letters that these outcomes will touch; groups of new faults are
-- made before.
create function orderly.replay_letters_lock(items bigint[]) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	letters bigint[];
	prints bytea[];
begin
	select array_agg(l) into letters
	from orderly.replay_item i, unnest(array[i.dead_letter, i.replayed_as]) l where i.id = any (items) and l is not null;
	select array_agg(f.print) into prints from orderly.replay_faults(items) f;
	insert into orderly.failure_group (interface, class, signature, fingerprint, first_at, last_at)
	select distinct on (f.print) f.interface, f.class, f.signature, f.print, clock_timestamp(), clock_timestamp()
	from orderly.replay_faults(items) f
	where not exists (select from orderly.failure_group g where g.fingerprint = f.print)
	order by f.print
	on conflict (fingerprint) do nothing;
	perform from orderly.failure_group g
	where g.id = any (array(
		select o.id from orderly.failure_group o where o.fingerprint = any (prints)
		union select l.failure_group from orderly.dead_letter l where l.id = any (letters)))
	order by g.id for update;
	perform from orderly.dead_letter l where l.id = any (letters) order by l.id for update;
end
$$;

-- A replay failed: its fault may be another than before. So many of the same in a row, and no bulk
-- replay takes it any more.
create function orderly.dead_letters_refail(items bigint[]) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	bad bigint[];
	hopeless bigint[];
	prints bytea[];
begin
	select array_agg(f.dead_letter), array_agg(f.print) into bad, prints from orderly.replay_faults(items) f;
	update orderly.dead_letter l
	set failed_again = l.failed_again + 1,
		same_again = case when l.failure_group = g.id then l.same_again + 1 else 1 end, failure_group = g.id
	from unnest(bad, prints) b (id, print) join orderly.failure_group g on g.fingerprint = b.print
	where l.id = b.id;
	update orderly.failure_group g set last_at = greatest(g.last_at, clock_timestamp())
	where g.fingerprint = any (prints);
	select array_agg(l.id) filter (where l.same_again >= f.quarantine_after),
		array_agg(l.id) filter (where l.same_again < f.quarantine_after)
	into hopeless, bad
	from orderly.dead_letter l join orderly.interface f on f.id = l.interface where l.id = any (bad);
	if hopeless is not null then
		perform orderly.dead_letters_step('replay_quarantine', hopeless, 'its replays fail with the same fault');
	end if;
	if bad is not null then
		perform orderly.dead_letters_step('replay_fail', bad, 'its replay failed');
	end if;
end
$$;

-- Moves a request on: to its next stage, to its end, or to a stop when too many failed. What waits
-- behind something that failed or is in doubt counts as settled, or a stage would never end.
create function orderly.replay_progress(request bigint, wait bool default true) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	r orderly.replay_request;
	s orderly.replay_stage;
	stuck int;
begin
	if wait then
		select * into r from orderly.replay_request q where q.id = replay_progress.request for update;
	else
		select * into r from orderly.replay_request q where q.id = replay_progress.request for update skip locked;
		if r.id is null then
			return; -- who holds it moves it on, or duty_replay_progress does
		end if;
	end if;
	if not exists (select from orderly.replay_stage t where t.request = r.id and t.final < t.items) then
		if orderly.act_next('replay_request', 'finish', r.state) is not null then
			update orderly.replay_request q
			set state = orderly.act_next('replay_request', 'finish', q.state), ended_at = clock_timestamp(),
				changed_at = clock_timestamp()
			where q.id = r.id;
			perform pg_notify('orderly', 'replay');
		end if;
		return;
	end if;
	while r.state = 'running' loop
		select * into s from orderly.replay_stage t where t.request = r.id and t.stage = r.stage;
		if (r.stage < r.stages and s.settled >= s.items or s.settled - s.forgiven_settled >= 10)
		   and (s.bad - s.forgiven_bad)::bigint * 1000000
		       > r.stop_ppm::bigint * greatest(s.settled - s.forgiven_settled, 1) then
			update orderly.replay_request q
			set state = orderly.act_next('replay_request', 'stop', q.state), changed_at = clock_timestamp(),
				why = format('%s of %s failed in stage %s', s.bad, s.settled, s.stage)
			where q.id = r.id;
			perform orderly.audit_add('replay_stop', 'replay', r.id::text, 'done', null, jsonb_build_object(
				'stage', s.stage, 'settled', s.settled, 'bad', s.bad, 'stop_ppm', r.stop_ppm));
			perform pg_notify('orderly', 'replay');
			return;
		end if;
		exit when r.stage >= r.stages;
		if s.settled < s.items then
			select count(*) into stuck from orderly.replay_item i
			where i.request = r.id and i.stage = r.stage and i.state = 'waiting' and (i.behind is not null or not i.head
				and exists (select from orderly.replay_item h
				            where h.interface = i.interface and h.ordering_key = i.ordering_key and h.live and h.head
				              and (h.behind is not null or h.state in ('in_doubt', 'held'))));
			exit when s.settled + stuck < s.items;
			if (s.bad - s.forgiven_bad)::bigint * 1000000 > r.stop_ppm::bigint * greatest(s.settled - s.forgiven_settled, 1)
			then
				update orderly.replay_request q
				set state = orderly.act_next('replay_request', 'stop', q.state), changed_at = clock_timestamp(),
					why = format('%s of %s failed in stage %s', s.bad, s.settled, s.stage)
				where q.id = r.id;
				perform pg_notify('orderly', 'replay');
				return;
			end if;
		end if;
		update orderly.replay_request q
		set stage = (select min(t.stage) from orderly.replay_stage t where t.request = r.id and t.stage > r.stage),
			changed_at = clock_timestamp()
		where q.id = r.id returning * into r;
	end loop;
end
$$;

grant execute on function orderly.complete_replay(jsonb) to orderly_{store}_worker;
