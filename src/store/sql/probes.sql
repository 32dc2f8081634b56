-- Probes as they are now, those that fail first.
-- > id int
-- > key text
-- > state text
-- > probe text
-- > kind text
-- > system text
-- > status text
-- > latency_ms real
-- > since time
-- > at time
-- > cert_expires time
-- > queues int
-- > waiting int
-- > message text
-- > url text
-- > owner text
select p.id, p.id::text as key, case when not p.enabled then 'none' when s.at is null then 'waiting'
		when s.at < now() - make_interval(secs => 3 * p.every_s + 60) then 'stale' when s.ok then 'ok' else 'failing' end as state,
	p.code as probe, p.kind, p.system, concat_ws(' ', s.class, s.status) as status, s.latency_ms, s.since, s.at, s.cert_expires,
	q.n as queues, q.messages as waiting, s.message, p.url, p.owner
from orderly.probe p
left join orderly.probe_state s on s.probe = p.code
cross join lateral (select count(*) as n, coalesce(sum(b.messages), 0)::int8 as messages
	from orderly.broker_queue b where b.probe = p.code) q
order by p.enabled desc, s.ok, s.cert_expires, p.code
limit 500
