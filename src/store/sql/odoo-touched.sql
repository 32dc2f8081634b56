-- The models of Odoo that interfaces touch: by their checks in the catalogue, by their systems, and by
-- what came of messages within the last day; of this Odoo, "" for the only one.
-- :system text
-- > model text
-- > interfaces text
-- > keys text
-- > n int
select t.model, string_agg(t.code, ' ' order by t.code) as interfaces,
	string_agg(distinct t.keys, ', ') as keys, count(*) as n
from (
	select i.endpoint #>> '{check,model}' as model, i.code,
		concat_ws(' + ', case when i.endpoint -> 'check' ? 'external_id' then 'external id' end,
			i.endpoint #>> '{check,reference,field}',
			case when i.endpoint -> 'check' ? 'looks' then 'amount, date, partner' end,
			case when i.endpoint -> 'check' ? 'fields' then 'fields' end) as keys
	from orderly.interface i
	where jsonb_typeof(i.endpoint #> '{check,model}') = 'string' and i.lifecycle <> 'retired'
	  and (coalesce(:system, '') = '' or orderly.odoo_of(i.id) = :system)
) t
group by t.model
order by t.model
