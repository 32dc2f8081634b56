-- Masked payloads of transactions that a filter leaves over, the newest first: a page of so many rows, or
-- of so many bytes if that is less. Rows that the filter leaves out come without a body: they move the
-- place on. A row of its own says why not when the grant does not hold.
-- :grant_id int8
-- :first_day date
-- :last_day date
-- :place text
-- :limit int4
-- :bytes int8
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
with w as materialized (
	select * from orderly.search_window(:grant_id)
), seen as materialized (
	select array(select i.id from orderly.interface i where true /* interfaces */) as ids,
		(select jsonb_object_agg(i.id, i.code) from orderly.interface i) as codes,
		(select jsonb_object_agg(f.id, f.code) from orderly.facility f) as sites
)
-- Each row looks up its own, so the rows stay in the order in which they are read.
(select 'done' as code, null as message, concat(r.transaction, ' ', encode(r.key, 'hex')) as place,
	((select w.last - r.transaction from w)::real / (select greatest(w.last - w.above, 1) from w))::real as progress,
	r.transaction as id, t.state, (select seen.codes from seen) ->> r.interface::text as interface,
	(select seen.sites from seen) ->> t.facility::text as facility, m.message_id, m.correlation,
	m.business_key, t.last_at as at, r.kind, r.content_type, false as hex,
	case when t.id is not null then r.body end as body
from orderly.renditions_below(coalesce(split_part(:place::text, ' ', 1)::bigint, (select w.last + 1 from w)),
	coalesce(decode(split_part(:place::text, ' ', 2), 'hex'), ''), (select w.above from w), :first_day, :last_day,
	(select seen.ids from seen)::int[], :limit, :bytes) r
left join lateral (
	select t.id, t.state, t.facility, t.last_at
	from orderly.transaction t /* message */
	where t.id = r.transaction and true /* rest */
	limit 1) t on true
left join lateral (select * from orderly.message where id = t.id limit 1) m on true
where (select w.code from w) = 'done')
union all
select w.code, w.message, null, null, null, null, null, null, null, null, null, null, null, null, null, null
from w
where w.code <> 'done'
