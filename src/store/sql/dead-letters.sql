-- Dead letters: the members of a failure group, the oldest first, a page before or after a place.
-- :group int8
-- :closed bool
-- :place text
-- :way text
-- :limit int8
-- > place text
-- > id int
-- > key text
-- > nr int
-- > interface text
-- > facility text
-- > state text
-- > at time
-- > owner text
-- > snoozed_until time
-- > failed_again int
-- > same_again int
-- > ordering_key text
-- > why text
-- > class text
-- > text text
-- > message_id text
-- > correlation text
-- > business_key text
-- > replayed_as int
-- > note text
select extract(epoch from l.at) || ' ' || l.id as place, l.id, l.id::text as key, l.nr, i.code as interface,
	f.code as facility, l.state, l.at, p.name as owner,
	l.snoozed_until, l.failed_again, l.same_again, l.ordering_key, l.why, t.class, t.text,
	m.message_id, m.correlation, m.business_key, l.replayed_as,
	(select n.text from orderly.note n where n.object = 'dead_letter' and n.object_id = l.id
	 order by n.id desc limit 1) as note
from (
	(select * from orderly.dead_letter d
	 where d.failure_group = :group and (d.unresolved or :closed) and :way = 'after'
	   and (:place::text is null or (d.at, d.id)
	        > (to_timestamp(split_part(:place, ' ', 1)::numeric), split_part(:place, ' ', 2)::bigint))
	 order by d.at, d.id limit :limit)
	union all
	(select * from orderly.dead_letter d
	 where d.failure_group = :group and (d.unresolved or :closed) and :way = 'before'
	   and (d.at, d.id) < (to_timestamp(split_part(:place, ' ', 1)::numeric), split_part(:place, ' ', 2)::bigint)
	 order by d.at desc, d.id desc limit :limit)) l
join orderly.transaction t on t.id = l.id
join orderly.message m on m.id = l.id
join orderly.interface i on i.id = l.interface
left join orderly.facility f on f.id = l.facility
left join orderly.person p on p.id = l.owner
order by l.at, l.id
