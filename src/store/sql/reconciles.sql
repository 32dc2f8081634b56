-- The runs of reconciling in scope, the newest first.
-- > id int
-- > interface text
-- > state text
-- > phase text
-- > at time
-- > ended_at time
-- > since time
-- > upto time
-- > ours int
-- > theirs int
-- > read int
-- > looked int
-- > same int
-- > waiting int
-- > elsewhere int
-- > missing int
-- > extra int
-- > duplicate int
-- > different int
-- > person text
-- > worker text
-- > why text
select r.id, i.code as interface, r.state, r.phase, r.asked_at as at, r.ended_at, r.since, r.upto, r.ours, r.theirs,
	r.read, r.looked, r.same, r.waiting, r.elsewhere, r.missing, r.extra, r.duplicate, r.different,
	p.name as person, r.worker, r.why
from orderly.reconcile r
join orderly.interface i on i.id = r.interface
join orderly.person p on p.id = r.person
order by r.id desc
limit 200
