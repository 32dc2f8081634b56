-- Failure groups, those with something unresolved first, of these those that nobody owns, by age of
-- their oldest; trend is how many died of it in each of the last 24 hours, as "hours ago:count" words.
-- :closed bool
-- :limit int8
-- > id int
-- > key text
-- > interface text
-- > class text
-- > signature text
-- > unresolved int
-- > unowned int
-- > total int
-- > failed_again int
-- > first_at time
-- > last_at time
-- > oldest_at time
-- > owner text
-- > snoozed_until time
-- > reopened int
-- > seen int
-- > trend text
-- > note text
with g as materialized (
	select * from orderly.failure_group f
	where f.unresolved > 0 or :closed
	order by f.unresolved > 0 desc, f.last_at desc, f.id desc
	limit :limit
)
select g.id, g.id::text as key, i.code as interface, g.class, g.signature, g.unresolved, g.unowned, g.total,
	g.failed_again, g.first_at, g.last_at, e.oldest_at, p.name as owner, g.snoozed_until, g.reopened, e.seen,
	e.trend,
	(select n.text from orderly.note n where n.object = 'failure_group' and n.object_id = g.id
	 order by n.id desc limit 1) as note
from g
join orderly.interface i on i.id = g.interface
left join orderly.failure_group_ends(array(select id from g)) e on e.id = g.id
left join orderly.person p on p.id = g.owner
order by g.unresolved > 0 desc, g.unowned > 0 desc, e.oldest_at, g.id
