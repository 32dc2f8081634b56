-- Replay requests: what waits for a decision, what runs, what is over; the newest first. turn: it is
-- this person who may decide now. fresh: what died on the same interfaces since it began, up to a thousand,
-- and is unresolved. id: a request that is looked at, whatever its state.
-- :over bool
-- :id int8
-- :limit int8
-- > id int
-- > key text
-- > state text
-- > why text
-- > asker text
-- > mine bool
-- > turn bool
-- > asked_at time
-- > reason text
-- > interfaces text
-- > policy text
-- > needed int
-- > approvals int
-- > given text
-- > revision int
-- > edited bool
-- > items int
-- > progress text
-- > settled int
-- > bad int
-- > final int
-- > in_doubt int
-- > held int
-- > stage int
-- > stages int
-- > stage_items int
-- > stage_settled int
-- > stage_bad int
-- > stop_ppm int
-- > started_at time
-- > changed_at time
-- > rate_per_s real
-- > expires_at time
-- > review_due time
-- > reviewed_at time
-- > fresh int
select q.id, q.id::text as key, q.state, q.why, p.name as asker, q.asker = (select orderly.my_person()) as mine,
	q.state = 'asked' and q.expires_at > now() and q.asker <> (select orderly.my_person())
	 and 'approver' = any ((select orderly.my_roles())::text[]) and not exists (
		select from orderly.replay_decision d
		where d.request = q.id and d.revision = q.revision and d.approver = (select orderly.my_person())) as turn,
	q.asked_at, q.reason,
	(select string_agg(i.code, ' ' order by i.code) from orderly.interface i where i.id = any (q.interfaces)) as interfaces,
	q.policy, q.needed, a.n as approvals, a.n || '/' || q.needed as given,
	q.revision, q.edited, q.items, s.final || '/' || q.items as progress, s.settled, s.bad, s.final,
	(select count(*) from orderly.replay_item i where i.request = q.id and i.state = 'in_doubt') as in_doubt,
	(select count(*) from orderly.replay_item i where i.request = q.id and i.state = 'held') as held,
	q.stage, q.stages, g.items as stage_items,
	g.settled - g.forgiven_settled as stage_settled, g.bad - g.forgiven_bad as stage_bad, q.stop_ppm, q.started_at, q.changed_at,
	q.rate_per_s, q.expires_at, q.review_due, q.reviewed_at,
	(select count(*) from (select from orderly.dead_letter l
	                       where l.unresolved and l.interface = any (q.interfaces) and l.at > q.started_at
	                         and q.state in ('running', 'paused', 'stopped') limit 1000) l) as fresh
from orderly.replay_request q
join orderly.person p on p.id = q.asker
cross join lateral (select sum(t.settled)::bigint as settled, sum(t.bad)::bigint as bad, sum(t.final)::bigint as final
                    from orderly.replay_stage t where t.request = q.id) s
cross join lateral (select count(*) as n from orderly.replay_decision d
                    where d.request = q.id and d.revision = q.revision and d.verdict = 'approved') a
left join orderly.replay_stage g on g.request = q.id and g.stage = q.stage
where :over or q.id = :id or q.state in ('asked', 'approved', 'running', 'paused', 'stopped')
	or q.review_due is not null and q.reviewed_at is null
	or exists (select from orderly.replay_item i where i.request = q.id and i.state in ('in_doubt', 'held'))
order by q.id desc
limit :limit
