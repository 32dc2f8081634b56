-- The transactions that belong to a record of Odoo's: those that an event says made it, and those whose
-- business key or partner reference is one of these (a comma between them), the newest first; of several
-- Odoos those of this one.
-- :model text
-- :record int8
-- :references text
-- :system text
-- > transaction int
-- > interface text
-- > message text
-- > business_key text
-- > state text
-- > at time
-- > why text
with found as (
	select m.id, 'reference' as why
	from orderly.message m
	where m.business_norm = any (array(select orderly.norm(r) from unnest(string_to_array(:references, ',')) r
	                                   where length(btrim(r)) > 2))
	   or m.partner_norm = any (array(select orderly.norm(r) from unnest(string_to_array(:references, ',')) r
	                                  where length(btrim(r)) > 2))
	order by m.id desc limit 100
),
told as (
	select e.transaction as id, 'made it' as why
	from orderly.event e
	where e.target_model = :model and e.target_ref in (cast(:record as int8)::text, :model || ',' || cast(:record as int8)::text)
	limit 100
)
select t.id as transaction, i.code as interface, m.message_id as message, m.business_key, t.state,
	t.last_at as at, string_agg(distinct f.why, ', ') as why
from (select * from found union select * from told) f
join orderly.transaction t on t.id = f.id
join orderly.message m on m.id = t.id
join orderly.interface i on i.id = t.interface
where coalesce(cast(:system as text), '') = '' or orderly.odoo_of(i.id) = :system
group by t.id, i.code, m.message_id, m.business_key, t.state, t.last_at
order by t.last_at desc
limit 100
