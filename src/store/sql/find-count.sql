-- How many transactions a filter leaves over, counted up to a limit: as find, newest first.
-- :limit int8
-- > n int
with seen as materialized (
	select array(select i.id from orderly.interface i where true /* interfaces */) as ids
), found as (
	select p.id
	from seen, unnest(seen.ids) x (id), lateral (
		select t.id
		from orderly.transaction t /* message */
		where t.interface = x.id and true /* rest */
		order by t.id desc limit :limit) p
	where cardinality(seen.ids) <= 24 /* few */
	union all
	select p.id
	from seen, (values (null::text)) /* states */ s (state), lateral (
		select t.id
		from orderly.transaction t /* message */
		where true /* by interface */ and true /* by state */ and true /* rest */
		order by t.id desc limit :limit) p
	where cardinality(seen.ids) > 24 /* few */
)
select count(*) as n from (select from found limit :limit) f
