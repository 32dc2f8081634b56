-- How an interface's newest 500 transactions were delivered: at once, only after retries, not; which
-- signatures were refused; what the other side answered; how long an acknowledgement took.
-- :code text
-- > transactions int
-- > since time
-- > at_once int
-- > after_retries int
-- > under_way int
-- > dead int
-- > retries int
-- > refused_signatures int
-- > answers text
-- > acknowledged int
-- > ack_usual_ms int
-- > ack_slow_ms int
with newest as (
	select t.id, t.state, t.first_at
	from orderly.transaction t
	where t.interface = (select i.id from orderly.interface i where i.code = :code)
	order by t.id desc limit 500
),
work as (
	select e.* from orderly.events_of(array(select n.id from newest n)) e
	where e.kind in ('attempted', 'delivered', 'acknowledged', 'failed', 'retry_scheduled')
),
each as (
	select w.transaction, count(*) filter (where w.kind = 'retry_scheduled') as retries,
		bool_or(w.kind = 'failed' and (w.code ~* 'signature' or w.text ~* 'signature')) as signature,
		extract(epoch from min(w.at) filter (where w.kind = 'acknowledged')
			- min(w.at) filter (where w.kind = 'delivered')) * 1000 as ack_ms
	from work w group by w.transaction
)
select count(*) as transactions, min(n.first_at) as since,
	count(*) filter (where n.state = 'done' and coalesce(e.retries, 0) = 0) as at_once,
	count(*) filter (where n.state = 'done' and e.retries > 0) as after_retries,
	count(*) filter (where n.state in ('waiting', 'running', 'retrying')) as under_way,
	count(*) filter (where n.state = 'dead') as dead,
	coalesce(sum(e.retries), 0)::int8 as retries, count(*) filter (where e.signature) as refused_signatures,
	(select string_agg(a.http_status || ': ' || a.n, ', ' order by a.n desc, a.http_status)
	 from (select w.http_status, count(*) as n from work w where w.http_status is not null group by 1
	       order by 2 desc, 1 limit 8) a) as answers,
	count(e.ack_ms) as acknowledged,
	percentile_disc(0.5) within group (order by e.ack_ms)::int8 as ack_usual_ms,
	percentile_disc(0.95) within group (order by e.ack_ms)::int8 as ack_slow_ms
from newest n
left join each e on e.transaction = n.id
having count(*) > 0
