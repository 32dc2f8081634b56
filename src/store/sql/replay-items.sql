-- The items of a replay request, in their order, a page before or after a place.
-- :request int8
-- :place text
-- :way text
-- :limit int8
-- > place text
-- > key text
-- > nr int
-- > item int
-- > stage int
-- > dead_letter int
-- > interface text
-- > message_id text
-- > business_key text
-- > ordering_key text
-- > state text
-- > behind int
-- > outcome text
-- > class text
-- > code text
-- > text text
-- > http_status int
-- > claims int
-- > sends int
-- > worker text
-- > sending_at time
-- > settled_at time
-- > replayed_as int
-- > idempotency_key text
-- > digest text
-- > edited bool
select t.nr::text as place, t.dead_letter::text as key, t.nr, t.id as item, t.stage, t.dead_letter,
	i.code as interface, m.message_id, m.business_key, t.ordering_key,
	case when t.state = 'sending' and t.outcome = 'delivered' then 'awaited' else t.state end as state, t.behind,
	case when t.state = 'waiting' and t.guarded_at is not null then 'waits for Odoo''s answer' else t.outcome end as outcome,
	t.class, t.code, t.text, t.http_status, t.claims, t.sends, t.worker, t.sending_at, t.settled_at, t.replayed_as,
	t.idempotency_key, encode(t.sent_digest, 'hex') as digest,
	t.sent_digest <> t.payload_digest as edited
from (
	(select n.id, n.nr from orderly.replay_item n
	 where n.request = :request and :way = 'after' and n.nr > coalesce(:place::text::int, 0)
	 order by n.nr limit :limit)
	union all
	(select n.id, n.nr from orderly.replay_item n
	 where n.request = :request and :way = 'before' and n.nr < :place::text::int
	 order by n.nr desc limit :limit)) k
join orderly.replay_item t on t.id = k.id
join orderly.interface i on i.id = t.interface
join orderly.message m on m.id = t.dead_letter
order by t.nr
