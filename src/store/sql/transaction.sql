-- One transaction: what it is, how far it has come, what people have to do with it.
-- :id int8
-- > id int
-- > interface text
-- > title text
-- > source text
-- > target text
-- > data_class text
-- > owner text
-- > runbook text
-- > message text
-- > correlation text
-- > parent text
-- > business_key text
-- > entity text
-- > facility text
-- > partner text
-- > partner_ref text
-- > ordering_key text
-- > state text
-- > native_state text
-- > attempt int
-- > first_at time
-- > last_at time
-- > due_at time
-- > overdue bool
-- > events int
-- > failures int
-- > class text
-- > code text
-- > text text
-- > letter text
-- > letter_owner text
-- > snoozed_until time
-- > failed_again int
-- > signature text
-- > replayed_as int
-- > hidden int
-- > note text
select t.id, i.code as interface, i.title, i.source, i.target, i.data_class,
	coalesce(i.technical_owner, i.business_owner) as owner, i.runbook, m.message_id as message,
	m.correlation, m.parent, m.business_key, m.entity, f.code as facility, p.code as partner,
	m.partner_ref, m.ordering_key, t.state, t.native_state, t.attempt, t.first_at, t.last_at, t.due_at,
	t.overdue_at is not null as overdue, t.events, t.failures, t.class, t.code, t.text,
	l.state as letter, w.name as letter_owner, l.snoozed_until, l.failed_again, g.signature,
	l.replayed_as, (select h.hidden from orderly.legs_of(:id) h) as hidden,
	(select n.text from orderly.note n where n.object = 'transaction' and n.object_id = t.id
	 order by n.id desc limit 1) as note
from orderly.transaction t
join orderly.message m on m.id = t.id
join orderly.interface i on i.id = t.interface
left join orderly.facility f on f.id = t.facility
left join orderly.partner p on p.id = m.partner
left join orderly.dead_letter l on l.id = t.id
left join orderly.person w on w.id = l.owner
left join orderly.failure_group g on g.id = l.failure_group
where t.id = :id
