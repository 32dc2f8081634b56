-- The newest rows of the feed, oldest first. The last one has no kind: it is the place to go on from.
-- :limit int4
-- > era text
-- > xid text
-- > seq int
-- > at time
-- > arrived time
-- > interface text
-- > kind text
-- > state text
-- > correlation text
-- > business_key text
-- > facility text
-- > partner text
-- > attempt int
-- > class text
-- > text text
-- > message text
-- > transaction int
-- > key text
select e.code as era, f.xid::text as xid, f.seq, f.at, f.arrived, i.code as interface, f.kind, f.state,
	m.correlation, m.business_key, c.code as facility, p.code as partner, f.attempt, f.class, f.text,
	m.message_id as message, f.transaction, encode(f.key, 'hex') as key
from orderly.feed_newest(:limit) f
left join orderly.era e on e.id = f.era
left join orderly.message m on m.id = f.transaction
left join orderly.interface i on i.id = f.interface
left join orderly.facility c on c.id = f.facility
left join orderly.partner p on p.id = f.partner
where f.kind is null or m.id is not null
order by f.kind is null, f.era, f.xid, f.seq
