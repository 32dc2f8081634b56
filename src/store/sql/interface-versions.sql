-- The versions of an interface and of its objectives, the newest first: what each changed, who
-- proposed and who approved it.
-- :code text
-- > object text
-- > version int
-- > at time
-- > what text
-- > reason text
-- > proposer text
-- > decider text
select v.code as object, v.version, v.at,
	case when v.doc is null then 'removed'
	     when b.version is null then 'as it was first put in'
	     else (select string_agg(d.what, E'\n' order by d.field)
	           from orderly.doc_differences(b.doc, v.doc) d) end as what,
	c.reason, p.name as proposer, q.name as decider
from orderly.catalogue_version v
left join orderly.catalogue_version b on b.kind = v.kind and b.code = v.code and b.version = v.version - 1
left join orderly.change c on c.id = v.change
left join orderly.change_decision d on d.change = v.change
left join orderly.person p on p.id = c.proposer
left join orderly.person q on q.id = d.decider
where v.kind = 'interface' and v.code = :code or v.kind = 'slo' and v.code ^@ (:code || '/')
order by v.at desc, v.code
limit 50
