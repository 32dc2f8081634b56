-- How Odoo does, as each worker that asks it has seen it last, with the latency of the last hour as a
-- line: of every five minutes the mean in milliseconds, -1 where it was not there, nothing before.
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
-- > crons int
-- > crons_failing int
-- > failing text
-- > down_since time
-- > trend text
select p.server, p.worker, p.at, p.ok, p.class, p.message, p.version, p.protocol, p.latency_ms,
	p.clock_ahead_ms, p.key_name, p.key_made, p.key_expires, p.crons, p.crons_failing, p.failing,
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
from (select distinct on (r.server, r.worker) r.* from orderly.odoo_probe r
      where r.at > now() - interval '1 day' order by r.server, r.worker, r.id desc) p
order by p.server, p.worker
