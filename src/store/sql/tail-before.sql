-- What stands in the feed before a place and is left over by a filter, oldest first, as far as was looked.
-- The first row has no kind: it is the place to go back from, with how many events lay behind it.
-- :era text
-- :xid text
-- :seq int8
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
with f as materialized (
	select * from orderly.feed_before(:era, :xid, :seq, :limit)
), seen as materialized (
	select array(select i.id from orderly.interface i where true /* interfaces */) as ids
), found as (
	select f.era as nr, e.code as era, f.xid::text as xid, f.seq, f.at, f.arrived, i.code as interface, f.kind, f.state,
		m.correlation, m.business_key, c.code as facility, p.code as partner, f.attempt, f.class, f.text,
		m.message_id as message, f.transaction, encode(f.key, 'hex') as key
	from f
	join orderly.message m on m.id = f.transaction
	left join orderly.transaction x on x.id = f.transaction
	-- What the event says stands for what its transaction has come to since.
	cross join lateral (
		select f.transaction as id, f.interface, coalesce(f.facility, m.facility) as facility, f.state, f.attempt,
			f.class, f.text, x.code, x.native_state, x.failures, x.events, f.at, x.first_at, f.at as last_at, x.due_at
	) t
	left join orderly.era e on e.id = f.era
	left join orderly.interface i on i.id = f.interface
	left join orderly.facility c on c.id = f.facility
	left join orderly.partner p on p.id = f.partner
	where f.interface = any ((select seen.ids from seen)::int[]) and true /* rest */
), place as (
	select l.era, e.code, l.xid::text, l.seq, null::timestamptz, null::timestamptz, null, null, null, null, null, null, null,
		(select count(*) from f where f.kind is not null)::int, null, null, null, null::bigint, null
	from (select * from f order by era, xid, seq limit 1) l
	left join orderly.era e on e.id = l.era
)
select r.era, r.xid, r.seq, r.at, r.arrived, r.interface, r.kind, r.state, r.correlation, r.business_key,
	r.facility, r.partner, r.attempt, r.class, r.text, r.message, r.transaction, r.key
from (select * from found union all select * from place) r
order by r.kind is not null, r.nr, r.xid::xid8, r.seq
