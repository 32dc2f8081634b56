-- kind: transaction
-- Roll-ups: what happened per interface and minute, hour and day, with a histogram of latencies.
--
-- One worker at a time follows the feed. For each transaction that is named there it tells from the
-- transaction and its events what it counts as, takes back what it counted before, counts it anew,
-- and writes down what it counted: all in the transaction that moves its place on. So a crash counts
-- nothing twice, and rows that are read again change nothing.

set local role orderly_{store}_owner;

-- What each transaction is counted as, so that it can be taken back.
--   outcome  done, dead, cancelled, filtered; recovered and failed_again are those of replays
--   at       the minute in which it first had that outcome, by event time
--   ms       how long a delivered one took, from its first event
--   late_at  the minute in which an open one became overdue
create table orderly.counted (
	transaction bigint primary key,
	at timestamptz,
	late_at timestamptz,
	ms bigint,
	interface int not null,
	facility smallint,
	outcome text,
	retried bool not null
) with (fillfactor = 90);

-- A histogram as it travels: turned into text when it changes and not each time that it is read.
create function orderly.hist_text(hist int[]) returns text
language plpgsql immutable parallel safe
as $$
begin
	return array_to_string(hist, ',');
end
$$;

-- hist: pairs of bucket and count, by bucket. late: overdue and not at its end, counted where the
-- latency would say nothing yet.
create table orderly.rollup (
	grain int not null check (grain in (60, 3600, 86400)), -- seconds
	interface int not null,
	at timestamptz not null,
	done int not null default 0,
	dead int not null default 0,
	cancelled int not null default 0,
	filtered int not null default 0,
	recovered int not null default 0,
	failed_again int not null default 0,
	retried int not null default 0,
	late int not null default 0,
	sum_ms bigint not null default 0,
	hist int[] not null default '{}',
	packed text generated always as (orderly.hist_text(hist)) stored,
	primary key (grain, interface, at)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

create table orderly.rollup_facility (
	grain int not null check (grain in (60, 3600, 86400)),
	interface int not null,
	facility smallint not null,
	at timestamptz not null,
	done int not null default 0,
	dead int not null default 0,
	recovered int not null default 0,
	late int not null default 0,
	sum_ms bigint not null default 0,
	primary key (grain, interface, facility, at)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

-- From when on roll-ups of a grain are kept; what moves before that moves nothing any more.
create table orderly.rollup_kept (
	grain int primary key,
	since timestamptz not null default '-infinity',
	forgotten bool not null default false -- transactions that it counts have left the store
);
insert into orderly.rollup_kept (grain) values (60), (3600), (86400);

-- Buckets grow by 2 %, so that the middle of one is off by less than 1 %. 0 and 1 ms have their own.
create function orderly.latency_bucket(ms bigint) returns int
language sql immutable parallel safe
return case when ms <= 0 then 0 else 1 + ceil(ln(ms::double precision) / 0.019802627296179713 - 1e-9)::int end;

create function orderly.latency_of(bucket int) returns double precision
language sql immutable parallel safe
return case when bucket <= 0 then 0 when bucket = 1 then 1 else 2 * power(1.02::double precision, bucket - 1) / 2.02 end;

-- A histogram as pairs, in order, and without empty buckets.
create function orderly.hist_pack(pairs int[]) returns int[]
language sql immutable parallel safe
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select coalesce(array_agg(v order by b.bucket, k), '{}')
	from (select pairs[i * 2 - 1] as bucket, sum(pairs[i * 2])::int as n
	      from generate_series(1, cardinality(pairs) / 2) i
	      group by 1 having sum(pairs[i * 2]) <> 0) b
	cross join lateral (values (0, b.bucket), (1, b.n)) p (k, v);
end;

create aggregate orderly.hist_sum(int[]) (sfunc = array_cat, stype = int[], initcond = '{}',
	finalfunc = orderly.hist_pack, parallel = safe);

create function orderly.hist_count(hist int[]) returns bigint
language sql immutable parallel safe
return (select coalesce(sum(hist[i * 2]), 0) from generate_series(1, cardinality(hist) / 2) i);

-- How many took at most so long (to the bucket).
create function orderly.hist_under(hist int[], ms bigint) returns bigint
language sql immutable parallel safe
return (select coalesce(sum(hist[i * 2]), 0) from generate_series(1, cardinality(hist) / 2) i
        where hist[i * 2 - 1] <= orderly.latency_bucket(ms));

-- The latency below which that share lies, as percentile_disc() would say, within 1 %. NULL without data.
create function orderly.hist_quantile(hist int[], share double precision) returns double precision
language sql immutable parallel safe
return (select orderly.latency_of(c.bucket)
        from (select hist[i * 2 - 1] as bucket, sum(hist[i * 2]) over (order by i) as upto,
                     sum(hist[i * 2]) over () as total
              from generate_series(1, cardinality(hist) / 2) i) c
        where c.upto >= greatest(ceil(round((share * c.total)::numeric, 9)), 1)
        order by c.bucket limit 1);

-- What a transaction counts as that first had its outcome then (NULL: it has none yet).
create function orderly.counted_as(t orderly.transaction, first timestamptz, replay bool) returns orderly.counted
language sql immutable
return row (t.id, date_bin('1 minute', first, timestamptz 'epoch'),
	case when first is null and t.overdue_at is not null and t.state in ('waiting', 'running', 'retrying')
		then date_bin('1 minute', t.overdue_at, timestamptz 'epoch') end,
	case when t.state = 'done' then greatest(floor(extract(epoch from first - t.first_at) * 1000), 0)::bigint end,
	t.interface, t.facility,
	case when first is null then null when not replay then t.state
		when t.state = 'done' then 'recovered' when t.state = 'dead' then 'failed_again' else t.state end,
	first is not null and (t.attempt > 1 or t.failures > 0))::orderly.counted;

-- What these transactions count as now.
create function orderly.outcomes_of(ids bigint[]) returns setof orderly.counted
language sql stable rows 1000
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select orderly.counted_as(t, o.at, exists (select from orderly.lineage c where c.child = t.id))
	from orderly.transaction t
	join orderly.interface i on i.id = t.interface
	left join lateral (
		select min(e.at) as at
		from orderly.event e
		join orderly.event_rule r on r.kind = e.kind and r.success = i.success
		where e.born = t.born and e.transaction = t.id and r.state = t.state
	) o on t.state in ('done', 'dead', 'cancelled', 'filtered')
	where t.id = any (ids);
end;

-- Counts so many of each more, or fewer.
create function orderly.rollup_apply(facts orderly.counted[], signs int[]) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	with fact as materialized (
		select u.interface, u.outcome, u.ms, u.retried, signs[u.n] as sign, s.at, s.is_late
		from unnest(facts) with ordinality u (transaction, at1, late_at, ms, interface, facility, outcome, retried, n),
			lateral (values (u.at1, false), (u.late_at, true)) s (at, is_late)
		where s.at is not null
	)
	insert into orderly.rollup as r (grain, interface, at, done, dead, cancelled, filtered, recovered,
		failed_again, retried, late, sum_ms, hist)
	select b.grain, b.interface, b.bin, sum(b.done), sum(b.dead), sum(b.cancelled), sum(b.filtered),
		sum(b.recovered), sum(b.failed_again), sum(b.retried), sum(b.late), sum(b.sum_ms),
		orderly.hist_sum(case when b.n <> 0 then array[b.bucket, b.n::int] else '{}' end)
	from (
		select k.grain, f.interface,
			date_bin(make_interval(secs => k.grain), f.at, timestamptz 'epoch') as bin,
			case when not f.is_late then orderly.latency_bucket(f.ms) end as bucket,
			coalesce(sum(f.sign) filter (where not f.is_late and f.outcome = 'done'), 0) as done,
			coalesce(sum(f.sign) filter (where not f.is_late and f.outcome = 'dead'), 0) as dead,
			coalesce(sum(f.sign) filter (where not f.is_late and f.outcome = 'cancelled'), 0) as cancelled,
			coalesce(sum(f.sign) filter (where not f.is_late and f.outcome = 'filtered'), 0) as filtered,
			coalesce(sum(f.sign) filter (where not f.is_late and f.outcome = 'recovered'), 0) as recovered,
			coalesce(sum(f.sign) filter (where not f.is_late and f.outcome = 'failed_again'), 0) as failed_again,
			coalesce(sum(f.sign) filter (where not f.is_late and f.retried), 0) as retried,
			coalesce(sum(f.sign) filter (where f.is_late), 0) as late,
			coalesce(sum(f.sign * f.ms) filter (where not f.is_late and f.outcome = 'done'), 0) as sum_ms,
			coalesce(sum(f.sign) filter (where not f.is_late and f.outcome = 'done'), 0) as n
		from fact f join orderly.rollup_kept k on f.at >= k.since
		group by 1, 2, 3, 4) b
	group by b.grain, b.interface, b.bin
	order by 1, 2, 3
	on conflict (grain, interface, at) do update
	set done = r.done + excluded.done, dead = r.dead + excluded.dead, cancelled = r.cancelled + excluded.cancelled,
		filtered = r.filtered + excluded.filtered, recovered = r.recovered + excluded.recovered,
		failed_again = r.failed_again + excluded.failed_again, retried = r.retried + excluded.retried,
		late = r.late + excluded.late, sum_ms = r.sum_ms + excluded.sum_ms,
		hist = case when excluded.hist = '{}' then r.hist else orderly.hist_pack(r.hist || excluded.hist) end;

	with fact as materialized (
		select u.interface, u.facility, u.outcome, u.ms, signs[u.n] as sign, s.at, s.is_late
		from unnest(facts) with ordinality u (transaction, at1, late_at, ms, interface, facility, outcome, retried, n),
			lateral (values (u.at1, false), (u.late_at, true)) s (at, is_late)
		where s.at is not null and u.facility is not null
	)
	insert into orderly.rollup_facility as r (grain, interface, facility, at, done, dead, recovered, late, sum_ms)
	select k.grain, f.interface, f.facility,
		date_bin(make_interval(secs => k.grain), f.at, timestamptz 'epoch'),
		coalesce(sum(f.sign) filter (where not f.is_late and f.outcome = 'done'), 0),
		coalesce(sum(f.sign) filter (where not f.is_late and f.outcome = 'dead'), 0),
		coalesce(sum(f.sign) filter (where not f.is_late and f.outcome = 'recovered'), 0),
		coalesce(sum(f.sign) filter (where f.is_late), 0),
		coalesce(sum(f.sign * f.ms) filter (where not f.is_late and f.outcome = 'done'), 0)
	from fact f join orderly.rollup_kept k on f.at >= k.since
	group by 1, 2, 3, 4
	order by 1, 2, 3, 4
	on conflict (grain, interface, facility, at) do update
	set done = r.done + excluded.done, dead = r.dead + excluded.dead, recovered = r.recovered + excluded.recovered,
		late = r.late + excluded.late, sum_ms = r.sum_ms + excluded.sum_ms;
end
$$;

-- Brings what these transactions are counted as up to what they are.
create function orderly.rollup_count(ids bigint[]) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	facts orderly.counted[];
	signs int[];
begin
	with now_is as materialized (
		select o as c from orderly.outcomes_of(ids) o
	),
	was as materialized (
		select c from orderly.counted c where c.transaction = any (ids)
	),
	moved as materialized (
		select n.c as new, w.c as old
		from now_is n left join was w on (w.c).transaction = (n.c).transaction
		where w.c is distinct from n.c
		  and (w.c is not null or (n.c).outcome is not null or (n.c).late_at is not null)
	),
	kept as (
		insert into orderly.counted select (m.new).* from moved m order by (m.new).transaction
		on conflict (transaction) do update
		set at = excluded.at, late_at = excluded.late_at, ms = excluded.ms, interface = excluded.interface,
			facility = excluded.facility, outcome = excluded.outcome, retried = excluded.retried
	)
	select array_agg(s.c), array_agg(s.sign) into facts, signs
	from moved m, lateral (values (m.old, -1), (m.new, 1)) s (c, sign)
	where not (s.c is null);
	if facts is not null then
		perform orderly.rollup_apply(facts, signs);
	end if;
end
$$;

create function orderly.duty_rollup(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	place orderly.follower;
	batch record;
begin
	select * into place from orderly.follower where name = 'rollup' for update;
	select count(*)::int as rows, array_agg(distinct f.transaction) as seen,
		(array_agg(row (place.name, f.era, f.xid, f.seq, f.arrived)::orderly.follower
			order by f.era desc, f.xid desc, f.seq desc))[1] as last
	into batch
	from orderly.follow(place, greatest(budget, 1)) f;
	if batch.rows = 0 then
		return 0;
	end if;
	perform orderly.rollup_count(batch.seen);
	update orderly.follower f
	set era = (batch.last).era, xid = (batch.last).xid, seq = (batch.last).seq, arrived = (batch.last).arrived
	where f.name = place.name;
	return batch.rows;
end
$$;
insert into orderly.follower (name) values ('rollup');

-- Lets go of minutes after the days in rollup.minute_days, and of the rest after those that are set
-- for the longest data class (rollup in retention).
create function orderly.duty_rollup_ages(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	k record;
	n int;
	total int := 0;
begin
	for k in
		select g.grain, date_bin('1 day', now() - make_interval(days => case g.grain
			when 60 then greatest(orderly.setting_int('rollup.minute_days', 40), 2) else g.days end), timestamptz 'epoch') as since
		from (select kept.grain, (select case when count(r.days) = 4 then max(r.days) end
		                          from orderly.retention r where r.kind = 'rollup') as days
		      from orderly.rollup_kept kept) g
		where g.grain = 60 or g.days is not null
	loop
		update orderly.rollup_kept set since = greatest(since, k.since) where grain = k.grain;
		delete from orderly.rollup where ctid = any (array(
			select r.ctid from orderly.rollup r where r.grain = k.grain and r.at < k.since limit budget));
		get diagnostics n = row_count;
		total := total + n;
		delete from orderly.rollup_facility where ctid = any (array(
			select r.ctid from orderly.rollup_facility r where r.grain = k.grain and r.at < k.since limit budget));
		get diagnostics n = row_count;
		total := total + n;
	end loop;
	-- What has left the store cannot move any more.
	delete from orderly.counted where ctid = any (array(
		select c.ctid from orderly.counted c
		where c.transaction < coalesce((select min(m.id) from orderly.message m), 0) limit budget));
	get diagnostics n = row_count;
	if n > 0 then
		update orderly.rollup_kept set forgotten = true where not forgotten;
	end if;
	return total + n;
end
$$;
insert into orderly.duty (name, every_ms, budget) values ('rollup', 1000, 2000), ('rollup_ages', 60000, 2000);

-- Up to when the roll-ups reach: the arrival of the last event that was counted, or now when none waits.
create function orderly.rollup_reach(out reach timestamptz, out behind bool)
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	place orderly.follower;
begin
	select * into place from orderly.follower where name = 'rollup';
	behind := exists (select from orderly.follow(place, 1));
	reach := case when behind then coalesce(place.arrived, '-infinity') else clock_timestamp() end;
end
$$;

-- Thousands of them are read at once, so the scope is hashed.
alter table orderly.rollup enable row level security;
create policy rollup_read on orderly.rollup for select
	using (interface in (select unnest(orderly.my_interfaces())));
alter table orderly.rollup_facility enable row level security;
create policy rollup_facility_read on orderly.rollup_facility for select
	using (interface in (select unnest(orderly.my_interfaces()))
	       and facility in (select unnest(orderly.my_facilities())));
grant select on orderly.rollup, orderly.rollup_facility
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;

grant execute on function orderly.rollup_reach(), orderly.latency_bucket(bigint), orderly.latency_of(int),
	orderly.hist_pack(int[]), orderly.hist_sum(int[]), orderly.hist_count(int[]), orderly.hist_under(int[], bigint),
	orderly.hist_quantile(int[], double precision)
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;

create function orderly.check_rollups() returns table (name text, ok bool, detail text)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
set jit = off
set work_mem = '64MB'
as $$
declare
	found text;
begin
	select string_agg(b.transaction::text, ', ') into found
	from (select coalesce(o.transaction, c.transaction) as transaction
	      from (select (orderly.counted_as(t, f.at, l.child is not null)).*
	            from orderly.transaction t
	            left join (select e.transaction, min(e.at) as at
	                       from orderly.event e
	                       join orderly.transaction t on t.id = e.transaction
	                       join orderly.interface i on i.id = t.interface
	                       join orderly.event_rule r on r.kind = e.kind and r.success = i.success and r.state = t.state
	                       where t.state in ('done', 'dead', 'cancelled', 'filtered')
	                       group by 1) f on f.transaction = t.id
	            left join orderly.lineage l on l.child = t.id) o
	      full join orderly.counted c on c.transaction = o.transaction
	      where o.transaction is not null
	        and (o.at, o.late_at, o.ms, o.interface, o.facility, o.outcome, o.retried)
	            is distinct from (c.at, c.late_at, c.ms, c.interface, c.facility, c.outcome, c.retried)
	        and (c.transaction is not null or o.outcome is not null or o.late_at is not null)
	        and not exists (select from orderly.feed f, orderly.follower p
	                        where p.name = 'rollup' and f.transaction = o.transaction
	                          and (f.era, f.xid, f.seq) > (p.era, p.xid, p.seq))
	      limit 10) b;
	return query select 'each transaction is counted as what it is', found is null, found;

	select string_agg(b.grain || 's ' || b.interface || ' ' || b.at, ', ') into found
	from (select coalesce(r.grain, c.grain) as grain, coalesce(r.interface, c.interface) as interface, coalesce(r.at, c.bin) as at
	      from (select k.grain, s.interface, date_bin(make_interval(secs => k.grain), s.at, timestamptz 'epoch') as bin,
	                   sum(s.done) as done, sum(s.dead) as dead, sum(s.recovered) as recovered, sum(s.late) as late,
	                   sum(s.ms) as ms
	            from (select c.interface, c.at, (c.outcome = 'done')::int as done, (c.outcome = 'dead')::int as dead,
	                         (c.outcome = 'recovered')::int as recovered, 0 as late,
	                         case when c.outcome = 'done' then c.ms else 0 end as ms
	                  from orderly.counted c where c.at is not null
	                  union all
	                  select c.interface, c.late_at, 0, 0, 0, 1, 0 from orderly.counted c where c.late_at is not null) s
	            join orderly.rollup_kept k on s.at >= k.since
	            group by 1, 2, 3) c
	      full join (select * from orderly.rollup) r on r.grain = c.grain and r.interface = c.interface and r.at = c.bin
	      where (coalesce(r.done, 0), coalesce(r.dead, 0), coalesce(r.recovered, 0), coalesce(r.late, 0), coalesce(r.sum_ms, 0),
	             orderly.hist_count(coalesce(r.hist, '{}')))
	            is distinct from (coalesce(c.done, 0), coalesce(c.dead, 0), coalesce(c.recovered, 0), coalesce(c.late, 0),
	             coalesce(c.ms, 0), coalesce(c.done, 0))
	        and not exists (select from orderly.rollup_kept k where k.forgotten)
	      limit 10) b;
	return query select 'roll-ups add up to what is counted', found is null, found;

	select string_agg(b.interface || ' ' || b.hour, ', ') into found
	from (select h.interface, h.at as hour
	      from orderly.rollup h
	      cross join lateral (
	          select coalesce(sum(m.done), 0) as done, coalesce(sum(m.dead), 0) as dead, coalesce(orderly.hist_sum(m.hist), '{}') as hist
	          from orderly.rollup m where m.grain = 60 and m.interface = h.interface
	            and m.at >= h.at and m.at < h.at + interval '1 hour') m
	      join orderly.rollup_kept k on k.grain = 60 and h.at >= k.since
	      where h.grain = 3600 and (h.done, h.dead, h.hist) is distinct from (m.done, m.dead, m.hist) limit 10) b;
	return query select 'minutes merged equal their hour', found is null, found;
end
$$;
