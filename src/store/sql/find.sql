-- Transactions, the newest first by arrival: those that a filter leaves over. Pages go on after or
-- before a place. Where only few interfaces are in question each is asked for its own newest; else
-- all are walked through at once; and of several states each by its own index.
-- :place text
-- :direction text
-- :limit int8
-- > place text
-- > id int
-- > state text
-- > interface text
-- > source text
-- > target text
-- > facility text
-- > message text
-- > correlation text
-- > business_key text
-- > partner text
-- > class text
-- > error text
-- > attempts int
-- > failures int
-- > began time
-- > at time
-- > due time
-- > letter text
-- > owner text
-- > team text
-- > runbook text
with visible as materialized (
	select i.* from orderly.interface i
), seen as materialized (
	select array(select i.id from visible i where true /* interfaces */) as ids
), found as ( /* ways */
	select p.*
	from seen, unnest(seen.ids) x (id), lateral (
		select t.*
		from orderly.transaction t /* message */
		where t.interface = x.id and t.id < coalesce(:place::text::bigint, 9223372036854775807) and true /* rest */
		order by t.id desc limit :limit) p
	where :direction::text = 'after' and cardinality(seen.ids) <= 24 /* few */
	union all
	select p.*
	from seen, (values (null::text)) /* states */ s (state), lateral (
		select t.*
		from orderly.transaction t /* message */
		where t.id < coalesce(:place::text::bigint, 9223372036854775807)
		  and true /* by interface */ and true /* by state */ and true /* rest */
		order by t.id desc limit :limit) p
	where :direction::text = 'after' and cardinality(seen.ids) > 24 /* few */
	union all
	select p.*
	from seen, unnest(seen.ids) x (id), lateral (
		select t.*
		from orderly.transaction t /* message */
		where t.interface = x.id and t.id > :place::text::bigint and true /* rest */
		order by t.id limit :limit) p
	where :direction::text = 'before' and cardinality(seen.ids) <= 24 /* few */
	union all
	select p.*
	from seen, (values (null::text)) /* states */ s (state), lateral (
		select t.*
		from orderly.transaction t /* message */
		where t.id > :place::text::bigint
		  and true /* by interface */ and true /* by state */ and true /* rest */
		order by t.id limit :limit) p
	where :direction::text = 'before' and cardinality(seen.ids) > 24 /* few */
/* end of ways */ ), page as (
	select * from found
	order by case :direction::text when 'before' then id else -id end limit :limit
)
select t.id::text as place, t.id, t.state, i.code as interface, i.source, i.target, f.code as facility,
	m.message_id as message, m.correlation, m.business_key, p.code as partner, t.class, t.text as error,
	t.attempt as attempts, t.failures, t.first_at as began, t.last_at as at, t.due_at as due,
	l.state as letter, o.name as owner, i.support_team as team, i.runbook
from page t
cross join lateral (select * from orderly.message where id = t.id limit 1) m
join visible i on i.id = t.interface
left join orderly.facility f on f.id = t.facility
left join orderly.partner p on p.id = m.partner
left join lateral (select * from orderly.dead_letter where id = t.id limit 1) l on true
left join orderly.person o on o.id = l.owner
order by t.id desc
