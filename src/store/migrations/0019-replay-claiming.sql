-- kind: transaction
-- What a worker takes to send: who asked and approved still may, stages, heads, rates, and that nothing
-- has changed since; then the mark without which nothing is sent.

set local role orderly_{store}_owner;

-- Whether those who asked and approved still may: without that nothing runs.
create function orderly.replay_entitled(r orderly.replay_request) returns bool
language sql stable
set search_path = pg_catalog, orderly, pg_temp
return orderly.still(r.asker_login, r.asker, 'operator') and orderly.replay_approvals(r) >= r.needed;

-- Up to `want` tokens of a bucket that fills at a rate and holds what comes in one second, one at
-- least. The row stays locked: two workers do not spend the same.
create function orderly.tokens_take(bucket text, rate double precision, want int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	b orderly.replay_bucket;
	n int;
begin
	insert into orderly.replay_bucket (code, tokens, at) values (bucket, greatest(rate, 1), clock_timestamp())
	on conflict (code) do nothing;
	select * into b from orderly.replay_bucket r where r.code = bucket for update;
	b.tokens := least(greatest(rate, 1),
		b.tokens + rate * greatest(extract(epoch from clock_timestamp() - b.at), 0));
	n := least(floor(b.tokens)::int, want);
	update orderly.replay_bucket r set tokens = b.tokens - n, at = clock_timestamp() where r.code = bucket;
	return n;
end
$$;

-- Whether there is one at least.
create function orderly.tokens_left(bucket text, rate double precision) returns bool
language plpgsql stable
as $$
begin
	return coalesce((
		select least(greatest(rate, 1),
			b.tokens + rate * greatest(extract(epoch from clock_timestamp() - b.at), 0)) >= 1
		from orderly.replay_bucket b where b.code = bucket), true);
end
$$;

-- Stops or starts requests before anything of theirs is claimed.
create function orderly.replay_admit() returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	r orderly.replay_request;
begin
	for r in select * from orderly.replay_request q where q.state in ('approved', 'running')
	         order by q.id limit 200 loop
		continue when r.state = 'running' and orderly.replay_entitled(r);
		select * into r from orderly.replay_request q where q.id = r.id for update skip locked;
		continue when r.id is null or r.state not in ('approved', 'running')
			or r.state = 'running' and orderly.replay_entitled(r);
		if r.state = 'approved' and r.expires_at <= clock_timestamp() then
			perform orderly.replay_end(r.id, 'expire', 'nobody ran it in time');
		else
			update orderly.replay_request q
			set state = orderly.act_next('replay_request',
					case when orderly.replay_entitled(r) then 'start' else 'stop' end, q.state),
				why = case when not orderly.replay_entitled(r) then 'who asked for it or approved it may no longer' end,
				started_at = coalesce(q.started_at, clock_timestamp()), changed_at = clock_timestamp()
			where q.id = r.id;
			perform pg_notify('orderly', 'replay');
		end if;
	end loop;
end
$$;

-- What stands against sending these items now: "refuse:", "hold:" and "wait:" say what to do about it,
-- "go" that nothing does. Beside it the buckets from which each would take a token.
create function orderly.replay_judged(these bigint[])
returns table (id bigint, verdict text, ref bigint, target text, target_rate real, own text, own_rate real)
language plpgsql stable
as $$
#variable_conflict use_column
begin
	return query
	select i.id, case
			when t.state <> 'dead' then 'refuse:delivered'
			when l.state <> 'replaying' then 'refuse:closed'
			when f.replay_policy = 'never' or f.lifecycle = 'retired' then 'refuse:policy'
			when p.digest is distinct from i.payload_digest then 'refuse:changed'
			when n.earlier is not null then 'wait:behind'
			when n.later is not null and not i.waived then 'hold:overtaken'
			else 'go' end,
		coalesce(n.earlier, n.later), 'target ' || f.target, f.rate_per_s, 'request ' || q.id, q.rate_per_s
	from orderly.replay_item i
	join orderly.replay_request q on q.id = i.request
	join orderly.dead_letter l on l.id = i.dead_letter
	join orderly.transaction t on t.id = i.dead_letter
	join orderly.interface f on f.id = i.interface
	left join lateral (
		select orderly.payload_digest(y.content_type, y.headers, y.body) as digest
		from orderly.replay_payload(i.dead_letter, i.born) y) p on true
	left join orderly.replay_neighbours(array(
		select o.dead_letter from orderly.replay_item o where o.id = any (these) and o.ordering_key is not null),
		'{}') n on n.id = i.dead_letter
	where i.id = any (these)
	order by i.dead_letter;
end
$$;

-- Locks the next items of these requests and interfaces that wait, the oldest first. Read in the order of
-- its index: a plan made of what was known before the queue was filled would read and sort all of it.
create function orderly.replay_queue(requests bigint[], interfaces int[], want int) returns bigint[]
language plpgsql
set enable_sort = off
set enable_bitmapscan = off
as $$
begin
	return (
		select array_agg(w.id)
		from (
			select t.id from orderly.replay_item t
			where t.state = 'waiting' and t.go and t.head and t.next_try_at <= clock_timestamp()
			  and t.request = any (requests) and t.interface = any (interfaces)
			  and t.stage <= (select q.stage from orderly.replay_request q where q.id = t.request)
			order by t.dead_letter
			limit want
			for update of t skip locked) w);
end
$$;

create type orderly.claimed as (
	item bigint,
	lease uuid,
	lease_until timestamptz,
	request bigint,
	transaction bigint,
	interface text,
	message_id text,
	correlation_id text,
	business_key text,
	facility text,
	partner text,
	ordering_key text,
	idempotency_key text,
	endpoint jsonb,
	content_type text,
	headers jsonb,
	body bytea,
	edited bool,
	sends int
);
grant usage on type orderly.claimed to orderly_{store}_worker;

-- Gives a worker up to `want` items to send, the oldest first and of each ordering key the head only,
-- as far as stages and rates allow. Commit, ask the target if the endpoint says how, then
-- mark_sending(), commit, send, complete_replay().
create function orderly.claim_replays(worker text, want int default 10, lease_s int default 60,
                                      only_interfaces text[] default null)
returns setof orderly.claimed
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	o record;
	running bigint[];
	interfaces int[];
	waiting bigint[];
	mine bigint[] := '{}';
	empty text[] := '{}';
	refused bigint[] := '{}';
	sorted bigint[];
	got_order bool;
begin
	if coalesce(want, 0) <= 0 or orderly.gate_machine('worker') is not null then
		return;
	end if;
	perform orderly.replay_admit();
	-- Whose buckets are empty is left out here, so that it keeps nobody else waiting.
	select array_agg(q.id) into running from orderly.replay_request q
	where q.state = 'running' and (q.rate_per_s is null or orderly.tokens_left('request ' || q.id, q.rate_per_s));
	select array_agg(f.id) into interfaces from orderly.interface f
	where (only_interfaces is null or f.code = any (only_interfaces))
	  and (f.rate_per_s is null or orderly.tokens_left('target ' || f.target, f.rate_per_s));
	waiting := orderly.replay_queue(running, interfaces, least(want, 1000));
	sorted := array(select i.id from orderly.replay_item i where i.id = any (waiting) and i.ordering_key is not null);
	for o in select * from orderly.replay_judged(waiting) loop
		-- Items are locked here before the order, so it must not wait for that: the next claim refuses it.
		if o.verdict like 'refuse:%' and o.id = any (sorted) and got_order is null then
			perform from orderly.replay_order for update skip locked;
			got_order := found;
		end if;
		if o.verdict like 'refuse:%' and o.id = any (sorted) and not got_order then
			null;
		elsif o.verdict like 'refuse:%' then
			update orderly.replay_item t
			set state = orderly.act_next('replay_item', 'refuse', t.state), outcome = substr(o.verdict, 8),
				head = false, behind = null, settled_at = clock_timestamp()
			where t.id = o.id;
			refused := refused || o.id;
		elsif o.verdict = 'hold:overtaken' then
			update orderly.replay_item t
			set state = orderly.act_next('replay_item', 'hold', t.state), outcome = 'overtaken', behind = o.ref
			where t.id = o.id;
			refused := refused || o.id;
		elsif o.verdict = 'wait:behind' then
			update orderly.replay_item t
			set behind = o.ref, next_try_at = clock_timestamp() + interval '5 seconds' where t.id = o.id;
		elsif o.target = any (empty) or o.own = any (empty) then
			null; -- comes again when there are tokens
		elsif o.target_rate is not null and orderly.tokens_take(o.target, o.target_rate, 1) = 0 then
			empty := empty || o.target;
		elsif o.own_rate is not null and orderly.tokens_take(o.own, o.own_rate, 1) = 0 then
			empty := empty || o.own;
		else
			mine := mine || o.id;
		end if;
	end loop;
	if refused <> '{}' then
		-- Items are locked here before their requests, so it must not wait for one.
		perform orderly.replay_settled(refused, false);
	end if;
	return query
	with taken as (
		update orderly.replay_item t
		set state = a.becomes, lease = gen_random_uuid(),
			lease_until = clock_timestamp() + make_interval(secs => least(greatest(lease_s, 5), 3600)),
			worker = left(claim_replays.worker, 200), claims = t.claims + 1, behind = null
		from orderly.act_rule a
		where t.id = any (mine) and a.machine = 'replay_item' and a.act = 'claim' and a.state = t.state
		returning t.*)
	select t.id, t.lease, t.lease_until, t.request, t.dead_letter, f.code, m.message_id, m.correlation,
		m.business_key, y.code, p.code, t.ordering_key, t.idempotency_key, f.endpoint,
		case when e.item is null then b.content_type else e.content_type end, b.headers,
		coalesce(e.body, b.body), e.item is not null, t.sends
	from taken t
	join orderly.interface f on f.id = t.interface
	join orderly.message m on m.id = t.dead_letter
	left join orderly.facility y on y.id = t.facility
	left join orderly.partner p on p.id = m.partner
	cross join lateral orderly.replay_payload(t.dead_letter, t.born) b
	left join lateral (select * from orderly.replay_edit v where v.item = t.id order by v.revision desc limit 1) e on true
	order by t.dead_letter;
end
$$;

-- The durable mark: from its commit on the store takes it that something may have reached the target.
-- Send only those for which go is true, and only after the commit.
create function orderly.mark_sending(leases uuid[]) returns table (lease uuid, item bigint, go bool, code text)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	blocked text := orderly.gate_machine('worker');
begin
	-- A pause, a stop or a cancel that is under way is waited for.
	perform from orderly.replay_request q
	where q.id in (select t.request from orderly.replay_item t where t.lease = any (leases))
	order by q.id for share;
	perform from orderly.replay_item t where t.lease = any (leases) order by t.id for update;
	return query
	with judged as materialized (
		select u.lease, t.id, case
			when blocked is not null then blocked
			when t.id is null or t.lease_until <= clock_timestamp() then 'lease'
			when a.becomes is null then 'state'
			when q.state <> 'running' then 'not_running' end as code
		from (select distinct n as lease from unnest(leases) n) u
		left join orderly.replay_item t on t.lease = u.lease
		left join orderly.replay_request q on q.id = t.request
		left join orderly.act_rule a on a.machine = 'replay_item' and a.act = 'send' and a.state = t.state
	),
	marked as (
		update orderly.replay_item t
		set state = a.becomes,
			sending_at = case when j.code is null then clock_timestamp() else t.sending_at end,
			sends = t.sends + (j.code is null)::int,
			lease = case when j.code is null then t.lease end
		from judged j, orderly.act_rule a
		where t.id = j.id and (j.code is null or j.code = 'not_running') and a.machine = 'replay_item'
		  and a.act = case when j.code is null then 'send' else 'give_back' end and a.state = t.state
		returning t.id)
	select j.lease, j.id, j.code is null, coalesce(j.code, 'done')
	from judged j left join marked k on k.id = j.id;
end
$$;

grant execute on function orderly.claim_replays(text, int, int, text[]), orderly.mark_sending(uuid[])
	to orderly_{store}_worker;
