-- Interfaces that do something else than they usually do at this hour: what goes on before what is over, what
-- nobody dismissed first, then by tier and by how many transactions it concerns.
-- :over bool
-- > id int
-- > key text
-- > state text
-- > interface text
-- > tier int
-- > measure text
-- > seen text
-- > usual text
-- > off text
-- > affected int
-- > history text
-- > began_at time
-- > ended_at time
-- > owner text
-- > because text
-- > hours int
select a.id, a.id::text as key,
	case when a.ended_at is not null then 'over' when a.dismissed_at is not null then 'known' else 'odd' end as state,
	i.code as interface, i.tier, a.measure || case when a.measure <> 'rate' then '' when a.off < 0 then ' low' else ' high' end as measure,
	case a.measure when 'rate' then round(a.seen) || '/h' else orderly.percent_text(a.seen) end as seen,
	case a.measure when 'rate' then round(a.usual) || '/h' else orderly.percent_text(a.usual) end as usual,
	round(abs(a.off)::numeric, 1)::text as off, a.affected, orderly.samples_text(a.samples) as history,
	a.began_at, a.ended_at, coalesce(i.support_team, i.technical_owner) as owner, a.dismissal as because,
	ceil(extract(epoch from now() - a.began_at) / 3600)::int8 + 1 as hours
from orderly.anomaly a
join orderly.interface i on i.id = a.interface
where a.ended_at is null or :over and a.ended_at > now() - interval '7 days'
order by a.ended_at is not null, a.dismissed_at is not null, i.tier, a.affected desc, a.id desc
limit 500
