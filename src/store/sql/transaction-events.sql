-- The whole way of a transaction: its events and those of every transaction of the same correlation,
-- and of its replay, across interfaces; the newest so many, in the order of time. undoes names the step
-- that a compensation takes back.
-- :id int8
-- :limit int8
-- > transaction int
-- > interface text
-- > source text
-- > target text
-- > message text
-- > parent text
-- > facility text
-- > leg_state text
-- > kind text
-- > at time
-- > attempt int
-- > stage text
-- > component text
-- > duration_ms int
-- > http_status int
-- > due_at time
-- > native_state text
-- > class text
-- > code text
-- > text text
-- > target_model text
-- > target_ref text
-- > undoes text
-- > trace text
-- > idempotency_key text
-- > key text
-- > odoo text
with newest as (
	select e.* from orderly.events_of((select l.ids from orderly.legs_of(:id) l)) e
	order by e.at desc, e.arrived desc, e.key desc
	limit :limit
)
select e.transaction, i.code as interface, i.source, i.target, m.message_id as message, m.parent,
	f.code as facility, t.state as leg_state, e.kind, e.at, e.attempt, e.stage, e.component,
	e.duration_ms, e.http_status, e.due_at, e.native_state, e.class, e.code, e.text, e.target_model,
	e.target_ref, e.compensates as undoes, e.trace_id as trace, e.idempotency_key,
	encode(e.key, 'hex') as key,
	case when e.target_ref is not null then orderly.odoo_of(i.id) end as odoo
from newest e
join orderly.message m on m.id = e.transaction
join orderly.transaction t on t.id = e.transaction
join orderly.interface i on i.id = e.interface
left join orderly.facility f on f.id = e.facility
left join orderly.event_rule r on r.kind = e.kind and r.success = i.success
order by e.at, e.attempt, r.rank, e.arrived, e.key
