-- How each webhook was delivered of late: of its newest 200 deliveries those of the last day, at once and after
-- retries, refused signatures, how long until it was acknowledged. state: none (no data), silent, failing, slow
-- (one in twenty acknowledged later than its objective for latency allows), ok.
-- > key text
-- > interface text
-- > title text
-- > route text
-- > state text
-- > deliveries int
-- > since time
-- > at_once int
-- > after_retries int
-- > under_way int
-- > dead int
-- > retries int
-- > signatures int
-- > acknowledged int
-- > ack_usual_ms int
-- > ack_slow_ms int
-- > last_at time
-- > answers text
-- > owner text
with hook as materialized (
	select i.id, i.code, i.title, i.source || ' > ' || i.target as route, i.cadence_s,
		coalesce(i.technical_owner, i.business_owner) as owner,
		(select o.threshold from orderly.slo o where o.interface = i.code and o.measure = 'latency') as slow_ms
	from orderly.interface i
	where i.style = 'webhook' and i.lifecycle not in ('draft', 'retired')
),
delivery as materialized (
	select h.id as interface, t.id, t.state, t.first_at
	from hook h
	cross join lateral (select r.id, r.state, r.first_at from orderly.transaction r
	                    where r.interface = h.id order by r.id desc limit 200) t
	where t.first_at > now() - interval '1 day'
),
work as materialized (
	select e.transaction, e.interface, e.kind, e.at, e.http_status, e.code, e.text
	from orderly.events_of(array(select d.id from delivery d)) e
	where e.kind in ('delivered', 'acknowledged', 'failed', 'retry_scheduled')
),
each as (
	select w.transaction, count(*) filter (where w.kind = 'retry_scheduled') as retries,
		bool_or(w.kind = 'failed' and (w.code ~* 'signature' or w.text ~* 'signature')) as signature,
		extract(epoch from min(w.at) filter (where w.kind = 'acknowledged')
			- min(w.at) filter (where w.kind = 'delivered')) * 1000 as ack_ms
	from work w group by w.transaction
),
sums as (
	select d.interface, count(*) as deliveries, min(d.first_at) as since, max(d.first_at) as last_at,
		count(*) filter (where d.state = 'done' and coalesce(e.retries, 0) = 0) as at_once,
		count(*) filter (where d.state = 'done' and e.retries > 0) as after_retries,
		count(*) filter (where d.state in ('waiting', 'running', 'retrying')) as under_way,
		count(*) filter (where d.state = 'dead') as dead, coalesce(sum(e.retries), 0)::int8 as retries,
		count(*) filter (where e.signature) as signatures, count(e.ack_ms) as acknowledged,
		percentile_disc(0.5) within group (order by e.ack_ms)::int8 as ack_usual_ms,
		percentile_disc(0.95) within group (order by e.ack_ms)::int8 as ack_slow_ms
	from delivery d left join each e on e.transaction = d.id
	group by d.interface
),
answer as (
	select a.interface, string_agg(a.http_status || ': ' || a.n, ', ' order by a.n desc, a.http_status) as answers
	from (select w.interface, w.http_status, count(*) as n from work w where w.http_status is not null group by 1, 2) a
	group by a.interface
)
select h.code as key, h.code as interface, h.title, h.route, case
		when s.deliveries is null then 'none'
		when s.signatures * 20 > s.deliveries or s.dead * 20 > s.deliveries then 'failing'
		when h.cadence_s is not null and s.last_at < now() - make_interval(secs => 2 * h.cadence_s) then 'silent'
		when s.ack_slow_ms > h.slow_ms then 'slow' else 'ok' end as state,
	s.deliveries, s.since, s.at_once, s.after_retries, s.under_way, s.dead, s.retries, s.signatures, s.acknowledged,
	s.ack_usual_ms, s.ack_slow_ms, s.last_at, a.answers, h.owner
from hook h
left join sums s on s.interface = h.id
left join answer a on a.interface = h.id
order by array_position(array['failing', 'silent', 'slow', 'ok', 'none'], case
		when s.deliveries is null then 'none'
		when s.signatures * 20 > s.deliveries or s.dead * 20 > s.deliveries then 'failing' else 'ok' end), h.code
