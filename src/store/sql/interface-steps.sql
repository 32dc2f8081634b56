-- The steps of an interface's workflow over its newest 500 transactions: how often each was done, failed
-- and was taken back, and how long it took (since the event before it, where it does not say); in the
-- order in which they come.
-- :code text
-- > step text
-- > done int
-- > failed int
-- > undone int
-- > usual_ms int
-- > slow_ms int
with newest as (
	select array(select t.id from orderly.transaction t
	             where t.interface = (select i.id from orderly.interface i where i.code = :code)
	             order by t.id desc limit 500) as ids
),
work as (
	select w.* from (
		select e.transaction, e.at, e.kind, e.compensates as undoes,
			coalesce(e.stage, e.component) as step,
			coalesce(e.duration_ms, extract(epoch from e.at - lag(e.at) over (
				partition by e.transaction order by e.at, e.key)) * 1000)::int8 as duration_ms
		from orderly.events_of((select ids from newest)) e) w
	where w.kind in ('step', 'failed')
),
placed as (
	select w.*, row_number() over (partition by w.transaction, w.kind order by w.at) as place from work w
)
select p.step, count(*) filter (where p.kind = 'step') as done, count(*) filter (where p.kind = 'failed') as failed,
	(select count(*) from work u where u.undoes = p.step) as undone,
	percentile_disc(0.5) within group (order by p.duration_ms) filter (where p.kind = 'step') as usual_ms,
	percentile_disc(0.95) within group (order by p.duration_ms) filter (where p.kind = 'step') as slow_ms
from placed p
where p.undoes is null
group by p.step
having count(*) filter (where p.kind = 'step') > 0
order by avg(p.place) filter (where p.kind = 'step'), p.step
limit 30
