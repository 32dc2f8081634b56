-- Replay requests: what waits for a decision, what runs, what is over; the newest first.
-- :over bool
-- :limit int8
-- > id int
-- > state text
-- > why text
-- > asker text
-- > mine bool
-- > asked_at time
-- > reason text
-- > interfaces text
-- > policy text
-- > needed int
-- > approvals int
-- > revision int
-- > edited bool
-- > items int
-- > settled int
-- > bad int
-- > final int
-- > in_doubt int
-- > held int
-- > stage int
-- > stages int
-- > rate_per_s real
-- > expires_at time
-- > review_due time
-- > reviewed_at time
select q.id, q.state, q.why, p.name as asker, q.asker = (select orderly.my_person()) as mine,
	q.asked_at, q.reason,
	(select string_agg(i.code, ' ' order by i.code) from orderly.interface i where i.id = any (q.interfaces)) as interfaces,
	q.policy, q.needed,
	(select count(*) from orderly.replay_decision d
	 where d.request = q.id and d.revision = q.revision and d.verdict = 'approved') as approvals,
	q.revision, q.edited, q.items, s.settled, s.bad, s.final,
	(select count(*) from orderly.replay_item i where i.request = q.id and i.state = 'in_doubt') as in_doubt,
	(select count(*) from orderly.replay_item i where i.request = q.id and i.state = 'held') as held,
	q.stage, q.stages, q.rate_per_s, q.expires_at, q.review_due, q.reviewed_at
from orderly.replay_request q
join orderly.person p on p.id = q.asker
cross join lateral (select sum(t.settled)::bigint as settled, sum(t.bad)::bigint as bad, sum(t.final)::bigint as final
                    from orderly.replay_stage t where t.request = q.id) s
where $1 or q.state in ('asked', 'approved', 'running', 'paused', 'stopped')
	or q.review_due is not null and q.reviewed_at is null
	or exists (select from orderly.replay_item i where i.request = q.id and i.state in ('in_doubt', 'held'))
order by q.id desc
limit $2
