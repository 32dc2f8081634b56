-- Raw payloads under a grant of those that a filter leaves over, the newest first. A page holds rows that
-- the filter leaves out too, without a body: they move the place on.
-- :grant_id int8
-- :place text
-- :limit int4
-- > code text
-- > message text
-- > place text
-- > progress real
-- > id int
-- > state text
-- > interface text
-- > facility text
-- > message_id text
-- > correlation text
-- > business_key text
-- > at time
-- > kind text
-- > content_type text
-- > hex bool
-- > body text
with g as materialized (
	select since, upto from orderly.payload_grant where id = :grant_id
), seen as materialized (
	select array(select i.id from orderly.interface i where true /* interfaces */) as ids
), scan as materialized (
	select *
	from orderly.payload_scan(:grant_id, split_part(:place::text, ' ', 1)::timestamptz,
		split_part(:place::text, ' ', 2)::bigint, decode(split_part(:place::text, ' ', 3), 'hex'), :limit)
)
select y.code, y.message,
	concat(to_char(y.arrived at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.USOF'), ' ', y.transaction, ' ',
		encode(y.key, 'hex')) as place,
	extract(epoch from g.upto - y.arrived)::real / greatest(extract(epoch from g.upto - g.since)::real, 1) as progress,
	y.transaction as id, t.state, i.code as interface, f.code as facility, m.message_id, m.correlation,
	m.business_key, t.last_at as at, y.kind, y.content_type, true as hex,
	case when t.id is not null then encode(y.body, 'hex') end as body
from scan y
left join g on true
left join lateral (
	select t.*
	from orderly.transaction t /* message */
	where t.id = y.transaction and t.interface = any ((select seen.ids from seen)::int[]) and true /* rest */
	limit 1) t on true
left join lateral (select * from orderly.message where id = t.id limit 1) m on true
left join orderly.interface i on i.id = t.interface
left join orderly.facility f on f.id = t.facility
order by y.arrived desc, y.transaction desc, y.key desc
