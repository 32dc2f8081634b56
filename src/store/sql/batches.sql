-- The runs of batches of the last three days (at most 50 of each), what was due and did not come, and what is due
-- within a day; late and failed ones first. A run tells its records as "in=N out=M" in its native state.
-- :interface text
-- > key text
-- > interface text
-- > state text
-- > due_at time
-- > started_at time
-- > ended_at time
-- > late_s int
-- > records_in int
-- > records_out int
-- > transaction int
-- > business_key text
-- > owner text
-- > class text
-- > text text
with slot as materialized (
	select b.* from orderly.batch_slots((
			select array_agg(i.id) from orderly.interface i where i.code = coalesce(:interface, i.code)),
		now() - interval '3 days', now() + interval '1 day') b
),
told as (
	select e.transaction, max(substring(e.native_state from '\yin=([0-9]{1,15})\y')::int8) as records_in,
		max(substring(e.native_state from '\yout=([0-9]{1,15})\y')::int8) as records_out
	from orderly.events_of(array(select s.transaction from slot s where s.transaction is not null)) e
	where e.native_state ~ '\y(in|out)=[0-9]' group by e.transaction
)
select i.code || ' ' || coalesce(s.transaction::text, s.due_at::text, '') as key, i.code as interface, s.state, s.due_at,
	s.started_at, s.ended_at, extract(epoch from s.late)::int8 as late_s, w.records_in, w.records_out, s.transaction,
	m.business_key, coalesce(i.technical_owner, i.business_owner) as owner, t.class, t.text
from slot s
join orderly.interface i on i.id = s.interface
left join told w on w.transaction = s.transaction
left join orderly.transaction t on t.id = s.transaction
left join orderly.message m on m.id = s.transaction
order by case when s.state = 'late' then 0
		when s.state in ('waiting', 'running', 'retrying') then case when s.late is not null then 1 else 3 end
		when s.state = 'dead' and s.started_at > now() - interval '1 day' then 2
		when s.state = 'expected' then 4 when s.state = 'none' then 6 else 5 end,
	case when s.state = 'expected' then s.due_at end, coalesce(s.started_at, s.due_at) desc, i.code
