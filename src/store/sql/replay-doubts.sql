-- Items that wait for a person: nobody knows whether they arrived, or a later one of their order has.
-- :limit int8
-- > key text
-- > item int
-- > request int
-- > asker text
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
-- > sends int
-- > worker text
-- > sending_at time
-- > idempotency_key text
-- > digest text
-- > said text
-- > said_at time
-- > said_detail text
-- > endpoint text
select t.dead_letter::text as key, t.id as item, t.request, p.name as asker, t.dead_letter, i.code as interface,
	m.message_id, m.business_key, t.ordering_key, t.state, t.behind, t.outcome, t.class, t.code, t.text,
	t.http_status, t.sends, t.worker, t.sending_at, t.idempotency_key, encode(t.sent_digest, 'hex') as digest,
	case when c.answered_at is null and c.asked_at is not null then 'asked' else c.answer end as said,
	c.answered_at as said_at, c.detail as said_detail, concat_ws(' ', i.target, i.endpoint ->> 'method', i.endpoint ->> 'url') as endpoint
from (select n.id from orderly.replay_item n where n.state in ('in_doubt', 'held') order by n.id limit :limit) k
join orderly.replay_item t on t.id = k.id
join orderly.replay_request q on q.id = t.request
join orderly.person p on p.id = q.asker
join orderly.interface i on i.id = t.interface
join orderly.message m on m.id = t.dead_letter
left join orderly.replay_said(array(
	select n.id from orderly.replay_item n where n.state in ('in_doubt', 'held') order by n.id limit :limit)) c
	on c.item = t.id
order by t.id
