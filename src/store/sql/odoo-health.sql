-- How each Odoo does, as each worker that asks it has seen it last, with the latency of the last hour as a
-- line: of every five minutes the mean in milliseconds, -1 where it was not there, nothing before. Of an
-- Odoo of the catalogue that no worker asks while others are asked, it is said that it is so.
-- > system text
-- > server text
-- > worker text
-- > at time
-- > ok bool
-- > class text
-- > message text
-- > version text
-- > protocol text
-- > latency_ms real
-- > clock_ahead_ms int
-- > key_name text
-- > key_made time
-- > key_expires time
-- > key_only bool
-- > crons int
-- > crons_failing int
-- > failing text
-- > down_since time
-- > trend text
with last as materialized (
	select distinct on (r.system, r.server, r.worker) r.* from orderly.odoo_probe r
	where r.at > now() - interval '1 day' order by r.system, r.server, r.worker, r.id desc
),
odoo as materialized (
	select s.code, count(*) over () as n from orderly.system s where s.kind = 'odoo'
)
select coalesce(nullif(p.system, ''), (select o.code from odoo o where o.n = 1)) as system,
	p.server, p.worker, p.at, p.ok, p.class, p.message, p.version, p.protocol, p.latency_ms,
	p.clock_ahead_ms, p.key_name, p.key_made, p.key_expires, p.key_only, p.crons, p.crons_failing, p.failing,
	case when not p.ok then coalesce(
		(select min(d.at) from orderly.odoo_probe d where d.server = p.server and d.worker = p.worker
		   and d.at > coalesce((select max(o.at) from orderly.odoo_probe o where o.server = p.server
		                          and o.worker = p.worker and o.ok), '-infinity')), p.at) end as down_since,
	(select string_agg(coalesce(b.ms::int::text, '0'), ',' order by s.slot)
	 from generate_series(0, 11) s (slot)
	 left join (select floor(extract(epoch from q.at - (p.at - interval '1 hour')) / 300)::int as slot,
	                   avg(q.latency_ms) as ms
	            from orderly.odoo_probe q
	            where q.server = p.server and q.worker = p.worker and q.at > p.at - interval '1 hour'
	            group by 1) b on b.slot = s.slot) as trend
from last p
union all
select o.code, null, null, null, false, 'not asked', 'no worker has an Odoo named ' || o.code || ' in its profile',
	null, null, null, null, null, null, null, null, null, null, null, null, null
from odoo o
where exists (select from last) and not exists (
	select from last l where l.system = o.code or l.system = '' and o.n = 1)
order by 1, 2, 3
