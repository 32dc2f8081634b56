-- A handover item by item: what is new, still open and gone since the one before.
-- :handover int8
-- > nr int
-- > kind text
-- > change text
-- > interface text
-- > ref text
-- > title text
-- > detail text
-- > words text
-- > acknowledged_by text
-- > acknowledged_at time
select h.nr, h.kind, h.change, i.code as interface, h.ref, h.title, h.detail::text as detail, h.words,
	p.name as acknowledged_by, h.acknowledged_at
from orderly.handover_item h
left join orderly.interface i on i.id = h.interface
left join orderly.person p on p.id = h.acknowledged_by
where h.handover = :handover
order by h.nr
