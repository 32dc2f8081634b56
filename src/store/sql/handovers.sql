-- Handovers, the newest first.
-- :limit int8
-- > id int
-- > state text
-- > outgoing text
-- > incoming text
-- > drafted_at time
-- > offered_at time
-- > accepted_at time
-- > words text
-- > items int
-- > unacknowledged int
-- > audit_head text
-- > digest text
select h.id, h.state, o.name as outgoing, n.name as incoming, h.drafted_at, h.offered_at, h.accepted_at, h.words,
	c.items, c.unacknowledged, h.audit_head, encode(h.digest, 'hex') as digest
from orderly.handover h
join orderly.person o on o.id = h.outgoing
left join orderly.person n on n.id = h.incoming
cross join lateral (select count(*) as items, count(*) filter (where i.acknowledged_by is null) as unacknowledged
                    from orderly.handover_item i where i.handover = h.id) c
order by h.id desc
limit :limit
