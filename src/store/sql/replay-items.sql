-- The items of a replay request, in their order.
-- :request int8
-- :after_nr int4
-- :limit int8
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
select t.nr, t.id as item, t.stage, t.dead_letter, i.code as interface, m.message_id,
	m.business_key, t.ordering_key, t.state, t.behind, t.outcome, t.class, t.code, t.text,
	t.http_status, t.claims, t.sends, t.worker, t.sending_at, t.settled_at, t.replayed_as,
	t.idempotency_key, encode(t.sent_digest, 'hex') as digest,
	t.sent_digest <> t.payload_digest as edited
from orderly.replay_item t
join orderly.interface i on i.id = t.interface
join orderly.message m on m.id = t.dead_letter
where t.request = $1 and t.nr > $2
order by t.nr
limit $3
