-- Examples of a failure group, the newest first: what went wrong, and the payload that a replay would
-- send as its rule-made rendition shows it; how says plain, masked, whole (hidden, and why), binary, or
-- waiting while there is none yet.
-- :group int8
-- :limit int8
-- > id int
-- > at time
-- > message_id text
-- > business_key text
-- > state text
-- > text text
-- > content_type text
-- > how text
-- > why text
-- > bytes int
-- > body text
select l.id, l.at, m.message_id, m.business_key, l.state, t.text, n.content_type,
	coalesce(n.how, 'waiting') as how, n.why, n.bytes, left(n.body, 4000) as body
from (select * from orderly.dead_letter d
      where d.failure_group = :group and d.unresolved
      order by d.at desc, d.id desc
      limit :limit) l
join orderly.transaction t on t.id = l.id
join orderly.message m on m.id = l.id
left join lateral (
	select r.content_type, r.how, r.why, r.bytes, r.body
	from orderly.rendition r
	where r.born = l.born and r.transaction = l.id
	order by (r.kind in ('outbound', 'request')) desc nulls last,
		case when r.kind in ('outbound', 'request') then r.arrived end desc, r.arrived, r.key
	limit 1) n on true
order by l.at desc, l.id desc
