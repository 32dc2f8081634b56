-- Dead letters: the members of a failure group, or all of them; the oldest first. Pages go on from the
-- last row's time and id.
-- :group int8
-- :closed bool
-- :after_at timestamptz
-- :after_id int8
-- :limit int8
-- > id int
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
select l.id, l.nr, i.code as interface, f.code as facility, l.state, l.at, p.name as owner,
	l.snoozed_until, l.failed_again, l.same_again, l.ordering_key, l.why, t.class, t.text,
	m.message_id, m.correlation, m.business_key, l.replayed_as
from (select * from orderly.dead_letter d
      where (:group::bigint is null or d.failure_group = :group)
        and (d.unresolved or :closed)
        and (d.at, d.id) > (coalesce(:after_at::timestamptz, '-infinity'), coalesce(:after_id::bigint, 0))
      order by d.at, d.id
      limit :limit) l
join orderly.transaction t on t.id = l.id
join orderly.message m on m.id = l.id
join orderly.interface i on i.id = l.interface
left join orderly.facility f on f.id = l.facility
left join orderly.person p on p.id = l.owner
order by l.at, l.id
