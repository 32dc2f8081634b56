-- Dead letters that are unresolved among the transactions that a filter leaves over, up to a limit: the
-- newest, as an array in its words.
-- :limit int8
-- > ids text
-- > n int
with seen as materialized (
	select array(select i.id from orderly.interface i where true /* interfaces */) as ids
), found as (
	select p.id
	from seen, unnest(seen.ids) x (id), lateral (
		select t.id
		from orderly.transaction t /* message */
		where t.interface = x.id and t.state = 'dead' and true /* rest */
		order by t.id desc limit :limit) p
	where cardinality(seen.ids) <= 24 /* few */
	union all
	select p.id
	from seen, (values (null::text)) /* states */ s (state), lateral (
		select t.id
		from orderly.transaction t /* message */
		where t.state = 'dead' and true /* by interface */ and true /* by state */ and true /* rest */
		order by t.id desc limit :limit) p
	where cardinality(seen.ids) > 24 /* few */
)
select coalesce(array_agg(f.id order by f.id), '{}')::text as ids, count(*) as n
from (select found.id from found join orderly.dead_letter l on l.id = found.id
      where l.unresolved order by found.id desc limit :limit) f
