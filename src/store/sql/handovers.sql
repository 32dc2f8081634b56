-- Handovers, the newest first. mine: this person hands over; turn: this person may take it over now.
-- :limit int8
-- > id int
-- > key text
-- > state text
-- > outgoing text
-- > incoming text
-- > mine bool
-- > turn bool
-- > drafted_at time
-- > facts_at time
-- > offered_at time
-- > accepted_at time
-- > words text
-- > why text
-- > before int
-- > items int
-- > new int
-- > open int
-- > gone int
-- > unacknowledged int
-- > audit_head text
-- > digest text
select h.id, h.id::text as key, h.state, o.name as outgoing, n.name as incoming,
	h.outgoing = (select orderly.my_person()) as mine,
	h.state = 'offered' and h.outgoing <> (select orderly.my_person())
	 and coalesce(h.incoming = (select orderly.my_person()), true)
	 and (select orderly.my_roles())::text[] && array['operator', 'approver']
	 and h.interfaces <@ (select orderly.my_interfaces())::int[] as turn,
	h.drafted_at, coalesce(h.facts_at, h.drafted_at) as facts_at, h.offered_at, h.accepted_at, h.words, h.why, h.before,
	c.items, c.new, c.open, c.gone, c.unacknowledged, h.audit_head, encode(h.digest, 'hex') as digest
from (select * from orderly.handover r order by r.id desc limit :limit) h
join orderly.person o on o.id = h.outgoing
left join orderly.person n on n.id = h.incoming
cross join lateral (select count(*) as items, count(*) filter (where i.change = 'new') as new,
		count(*) filter (where i.change = 'open') as open, count(*) filter (where i.change = 'gone') as gone,
		count(*) filter (where i.acknowledged_by is null) as unacknowledged
	from orderly.handover_item i where i.handover = h.id) c
order by h.id desc
