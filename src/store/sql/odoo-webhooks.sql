-- The webhooks between Odoo and others, as the store knows them: what the last day's became; of the newest
-- 200 of each how many signatures were refused and how long an acknowledgement took. Of this Odoo, "" for
-- the only one.
-- :system text
-- > interface text
-- > way text
-- > url text
-- > delivered int
-- > dead int
-- > newest int
-- > signatures int
-- > acknowledged int
-- > ack_usual_ms int
-- > ack_slow_ms int
select i.code as interface, i.source || ' > ' || i.target as way,
	regexp_replace(i.endpoint ->> 'url', '[?#].*$', '?…') as url, coalesce(d.done, 0) as delivered,
	coalesce(d.dead, 0) as dead, n.newest, n.signatures, n.acknowledged, n.ack_usual_ms, n.ack_slow_ms
from orderly.interface i
cross join lateral (
	select sum(r.done)::int8 as done, sum(r.dead)::int8 as dead from orderly.rollup r
	where r.grain = 60 and r.interface = i.id and r.at >= now() - interval '24 hours') d
cross join lateral (
	select count(*) as newest, count(*) filter (where e.signature) as signatures, count(e.ack_ms) as acknowledged,
		percentile_disc(0.5) within group (order by e.ack_ms)::int8 as ack_usual_ms,
		percentile_disc(0.95) within group (order by e.ack_ms)::int8 as ack_slow_ms
	from (
		select w.transaction,
			bool_or(w.kind = 'failed' and (w.code ~* 'signature' or w.text ~* 'signature')) as signature,
			extract(epoch from min(w.at) filter (where w.kind = 'acknowledged')
				- min(w.at) filter (where w.kind = 'delivered')) * 1000 as ack_ms
		from orderly.events_of(array(
			select t.id from orderly.transaction t where t.interface = i.id order by t.id desc limit 200)) w
		group by w.transaction) e) n
where i.style = 'webhook' and i.lifecycle <> 'retired'
  and exists (select from orderly.system s where s.kind = 'odoo' and s.code in (i.source, i.target))
  and (coalesce(:system, '') = '' or orderly.odoo_of(i.id) = :system)
order by i.code
