-- Who is connected, as which person with which roles, to what; and how many of the workers
-- that are due are at work. Of the catalogue's Odoos that workers look
-- at, the one that does worst: which and how, nothing where none was looked at within a day. When rules were held
-- against the facts last, and how many signals, pages among them, nobody has answered.
-- > login text
-- > person text
-- > roles text
-- > store text
-- > workers int
-- > workers_alive int
-- > watched_at time
-- > signals int
-- > pages int
-- > odoo text
-- > odoo_is text
select session_user::text as login, l.person, array_to_string(orderly.my_roles(), ' ') as roles,
	s.name as store, w.seen as workers, w.alive as workers_alive,
	h.watched_at, h.signals, h.pages, o.code as odoo, o.is as odoo_is
from orderly.store s
left join orderly.login l on l.code = session_user::text
cross join orderly.my_watch() h
cross join (
	select count(*) as seen, count(*) filter (where beat_at > clock_timestamp() - interval '30 seconds') as alive
	from orderly.workers_due()
) w
left join lateral (
	select y.code, case when not n.ok then 'down' when n.ok then 'ok' else 'not seen' end as is
	from (select c.code, count(*) over () as n from orderly.system c where c.kind = 'odoo') y
	left join lateral (
		select bool_and(l.ok) as ok
		from (select distinct on (p.worker) p.ok from orderly.odoo_probe p
		      where (p.system = y.code or p.system = '' and y.n = 1) and p.at > now() - interval '90 seconds'
		      order by p.worker, p.id desc) l) n on true
	where exists (select from orderly.odoo_probe p where p.at > now() - interval '1 day')
	order by coalesce(n.ok, false), n.ok is null, y.code limit 1) o on true
