-- Changes of what is governed: those that wait for a decision, oldest first, then the last that are over.
-- `hidden`: how many of its objects lie out of the scope. why_not: why who asks cannot decide it.
-- > id int
-- > key text
-- > at time
-- > state text
-- > proposer text
-- > reason text
-- > objects text
-- > hidden int
-- > undoes int
-- > decider text
-- > decided_at time
-- > decision text
-- > mine bool
with c as (
	(select * from orderly.change where state = 'proposed' order by id limit 200)
	union all
	(select * from orderly.change where state <> 'proposed' order by id desc limit 200)
)
select c.id, c.id::text as key, c.at, c.state, p.name as proposer, c.reason, s.objects,
	orderly.change_size(c.id) - s.seen as hidden, c.undoes, q.name as decider, d.at as decided_at,
	d.reason as decision, c.proposer = (select orderly.my_person()) as mine
from c
join orderly.person p on p.id = c.proposer
left join orderly.change_decision d on d.change = c.id
left join orderly.person q on q.id = d.decider
cross join lateral (
	select string_agg(i.kind || ' ' || i.code, ', ' order by i.nr) as objects, count(*)::int as seen
	from orderly.change_item i where i.change = c.id) s
order by c.state = 'proposed' desc, case when c.state = 'proposed' then c.id else -c.id end
