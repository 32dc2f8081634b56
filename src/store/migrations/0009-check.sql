-- kind: transaction
-- What must always hold, judged from the rows themselves. Later files put a check_<topic>() of their
-- own beside this one, with the same columns; check_invariants() asks them all.

set local role orderly_{store}_owner;

-- Transactions that are not what their events tell. Read the other way round than take() folds: of the
-- events of each, all side by side, none may decide over the one that the transaction names, and that
-- one must be among them. So it is one pass, without an order.
create function orderly.unfolded(low bigint, first_day date) returns setof bigint
language sql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
	select t.id
	from orderly.transaction t
	left join (
		select e.transaction, e.key, e.kind, e.attempt, e.at, e.due_at, r.rank, r.state,
			e.kind in ('failed', 'dead', 'retry_scheduled')
				and coalesce(e.class, e.code, e.text) is not null as fails
		from orderly.event e
		join orderly.interface i on i.id = e.interface
		join orderly.event_rule r on r.kind = e.kind and r.success = i.success
	) e on e.transaction = t.id
	where t.id >= low
	group by t.id
	having (count(e.key) > 0 or t.born >= first_day)
	   and (count(e.key) > 0
		and (t.events, t.failures, t.first_at, t.last_at)
			= (count(e.key), count(*) filter (where e.kind = 'failed'), min(e.at), max(e.at))
		and (t.due_at, t.overdue_at)
			is not distinct from (max(e.due_at), min(e.at) filter (where e.kind = 'overdue'))
		and case when bool_or(e.rank > 0) then
				not bool_or(e.rank > 0 and (e.attempt, e.rank, e.at, e.key) > (t.attempt, t.rank, t.at, t.key))
				and bool_or((e.attempt, e.rank, e.at, e.key, e.state) = (t.attempt, t.rank, t.at, t.key, t.state))
			else (t.state, t.attempt, t.rank, t.at, t.key) = ('waiting', 0, 0, '-infinity', '') end
		and case when bool_or(e.fails) then
				not bool_or(e.fails and (e.attempt, e.rank, e.at, e.key)
					> (t.fail_attempt, t.fail_rank, t.fail_at, t.fail_key))
				and bool_or(e.fails and (e.attempt, e.rank, e.at, e.key)
					= (t.fail_attempt, t.fail_rank, t.fail_at, t.fail_key))
			else t.fail_key is null end) is not true;
$$;

create function orderly.partitions_from(parent text) returns date
language sql stable
set search_path = pg_catalog, orderly, pg_temp
return (select min(to_date(substring(c.relname from '\d+$'), 'YYYYMM'))
        from pg_inherits h join pg_class c on c.oid = h.inhrelid
        where h.inhparent = format('orderly.%I', parent)::regclass);

-- The beginning of the oldest week of the feed that is kept.
create function orderly.feed_from() returns timestamptz
language sql stable
set search_path = pg_catalog, orderly, pg_temp
return (select to_timestamp(min(substring(c.relname from '\d+$')::bigint) * 604800)
        from pg_inherits h join pg_class c on c.oid = h.inhrelid
        where h.inhparent = 'orderly.feed'::regclass);

-- since: only transactions born from that day on; NULL: all.
create function orderly.check_events(since date) returns table (name text, ok bool, detail text)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
set jit = off
set work_mem = '64MB'
as $$
declare
	low constant bigint := coalesce((select min(m.id) from orderly.message m where m.born >= since), 0);
	first_day constant date := coalesce(orderly.partitions_from('event'), '-infinity');
	first_arrival constant timestamptz := coalesce(orderly.feed_from(), '-infinity');
	found text;
begin
	select string_agg(b.id::text, ', ') into found
	from (select coalesce(m.id, t.id) as id
	      from orderly.message m full join orderly.transaction t on t.id = m.id
	      where coalesce(m.id, t.id) >= low and (m.id is null or t.id is null) limit 10) b;
	return query select 'each message has its one transaction', found is null, found;

	select string_agg(b.id::text, ', ') into found
	from (select u as id from orderly.unfolded(low, first_day) u
	      union all
	      select e.transaction from orderly.event e left join orderly.transaction t on t.id = e.transaction
	      where e.transaction >= low and t.id is null limit 10) b;
	return query select 'each transaction is in the one state that its events tell', found is null, found;

	select string_agg(b.transaction::text, ', ') into found
	from (select p.transaction from orderly.payload p
	      left join orderly.event e on e.born = p.born and e.transaction = p.transaction and e.key = p.key
	      where p.transaction >= low and e.key is null limit 10) b;
	return query select 'each payload has its event', found is null, found;

	select string_agg(b.transaction::text, ', ') into found
	from (select coalesce(e.transaction, f.transaction) as transaction
	      from (select transaction, key, count(*) as n from orderly.feed
	            where arrived >= first_arrival group by 1, 2) f
	      full join (select transaction, key from orderly.event where arrived >= first_arrival) e
	        on e.transaction = f.transaction and e.key = f.key
	      where coalesce(e.transaction, f.transaction) >= low and e.key is not null
	        and f.n is distinct from 1 limit 10) b;
	return query select 'each event is in the feed, once', found is null, found;
end
$$;

create function orderly.check_counters() returns table (name text, ok bool, detail text)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	found text;
begin
	select string_agg(i.code, ', ') into found
	from (select interface, sum(waiting) as waiting, sum(running) as running, sum(retrying) as retrying,
	             sum(dead) as dead, sum(done) as done, sum(filtered) as filtered, sum(cancelled) as cancelled
	      from orderly.gauge group by 1) g
	full join (select interface, count(*) filter (where state = 'waiting') as waiting,
	             count(*) filter (where state = 'running') as running,
	             count(*) filter (where state = 'retrying') as retrying,
	             count(*) filter (where state = 'dead') as dead, count(*) filter (where state = 'done') as done,
	             count(*) filter (where state = 'filtered') as filtered,
	             count(*) filter (where state = 'cancelled') as cancelled
	           from orderly.transaction group by 1) t on t.interface = g.interface
	left join orderly.interface i on i.id = coalesce(g.interface, t.interface)
	where (g.waiting, g.running, g.retrying, g.dead, g.done, g.filtered, g.cancelled)
		is distinct from (t.waiting, t.running, t.retrying, t.dead, t.done, t.filtered, t.cancelled)
		and (t.interface is not null
		     or (g.waiting, g.running, g.retrying, g.dead, g.done, g.filtered, g.cancelled) <> (0, 0, 0, 0, 0, 0, 0));
	return query select 'the counters of each interface count its transactions', found is null, found;

	select string_agg(p.name, ', ') into found
	from (values ('event'), ('payload')) p (name)
	where to_regclass('orderly.' || p.name || to_char(now() at time zone 'UTC' + interval '7 days', '_YYYYMM')) is null;
	found := concat_ws(', ', found, case
		when to_regclass('orderly.feed_' || orderly.feed_week(now() + interval '7 days')) is null then 'feed' end);
	return query select 'there are partitions for the week to come', found = '', nullif(found, '');

	select string_agg(d.name || ': ' || d.failure, ', ') into found from orderly.duty d where d.failure is not null;
	return query select 'no duty failed when it last ran', found is null, found;
end
$$;

create function orderly.check_invariants(since date default null) returns table (name text, ok bool, detail text)
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	topic text;
begin
	return query select * from orderly.check_events(since);
	for topic in select p.proname from pg_proc p
	             where p.pronamespace = 'orderly'::regnamespace and p.proname ^@ 'check_' and p.pronargs = 0
	               and p.proretset and p.proargnames = array['name', 'ok', 'detail']
	             order by 1 loop
		return query execute format('select * from orderly.%I()', topic);
	end loop;
end
$$;

grant execute on function orderly.check_invariants(date) to orderly_{store}_admin, orderly_{store}_worker,
	orderly_{store}_operator;
