-- Workflows and where each stands: of every interface whose messages go by steps (batches have a list of their own)
-- the newest 60 of the last day; those that need somebody first. state: that of the transaction, but compensating
-- (a step was taken back, and it is not over), compensated (dead, and all that was done is taken back), stuck (dead,
-- with steps that still stand).
-- > key text
-- > interface text
-- > business_key text
-- > state text
-- > done int
-- > undone int
-- > step text
-- > standing text
-- > failed text
-- > attempt int
-- > started_at time
-- > last_at time
-- > owner text
-- > correlation text
-- > class text
-- > text text
with flow as materialized (
	select i.id, i.code, coalesce(i.technical_owner, i.business_owner) as owner
	from orderly.interface i
	where i.timing <> 'batch' and i.lifecycle not in ('draft', 'retired')
),
probe as materialized (
	select distinct e.interface
	from orderly.events_of(array(
		select n.id from flow f
		cross join lateral (select t.id from orderly.transaction t where t.interface = f.id order by t.id desc limit 2) n)) e
	where e.kind = 'step'
),
run as materialized (
	select f.code as flow, f.owner, t.*
	from probe p
	join flow f on f.id = p.interface
	cross join lateral (select r.* from orderly.transaction r where r.interface = p.interface order by r.id desc limit 60) t
	where t.first_at > now() - interval '1 day' or t.state in ('waiting', 'running', 'retrying')
),
work as materialized (
	select e.transaction, e.kind, e.at, e.key, coalesce(e.stage, e.component) as step, e.compensates
	from orderly.events_of(array(select r.id from run r)) e
	where e.kind in ('step', 'failed')
),
each as (
	select w.transaction,
		count(*) filter (where w.kind = 'step' and w.compensates is null) as done,
		count(*) filter (where w.compensates is not null) as undone,
		(array_agg(coalesce(w.step, '') || coalesce(' (takes back ' || w.compensates || ')', '') order by w.at desc, w.key desc)
			filter (where w.kind = 'step'))[1] as step,
		(array_agg(w.step order by w.at desc, w.key desc) filter (where w.kind = 'failed'))[1] as failed,
		string_agg(w.step, ', ' order by w.at) filter (where w.kind = 'step' and w.compensates is null and not exists (
			select from work u where u.transaction = w.transaction and u.compensates = w.step)) as standing
	from work w group by w.transaction
),
judged as (
	select r.*, e.done, e.undone, e.step, e.failed, e.standing, case
		when r.state = 'dead' and e.standing is null and e.undone > 0 then 'compensated'
		when r.state = 'dead' and e.standing is not null then 'stuck'
		when r.state in ('waiting', 'running', 'retrying') and e.undone > 0 then 'compensating'
		else r.state end as word
	from run r left join each e on e.transaction = r.id
)
select j.id::text as key, j.flow as interface, m.business_key, j.word as state, coalesce(j.done, 0) as done,
	coalesce(j.undone, 0) as undone, j.step, j.standing, j.failed, j.attempt, j.first_at as started_at, j.last_at, j.owner,
	m.correlation, j.class, j.text
from judged j
join orderly.message m on m.id = j.id
order by array_position(array['stuck', 'compensating', 'dead', 'retrying', 'running', 'waiting', 'compensated', 'done'], j.word)
	nulls last, j.id desc
