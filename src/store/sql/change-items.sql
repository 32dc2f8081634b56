-- What a change is about: each object in scope with the fields that differ; `moved` where the object has
-- changed since.
-- :id int8
-- > object text
-- > mark text
-- > what text
-- > moved bool
select i.kind || ' ' || i.code as object,
	case when i.before is null then '+' when i.doc is null then '-' else '~' end as mark,
	(select string_agg(d.what, E'\n' order by d.field) from orderly.doc_differences(i.before, i.doc) d) as what,
	c.state = 'proposed' and i.base <> coalesce((select max(v.version) from orderly.catalogue_version v
		where v.kind = i.kind and v.code = i.code), 0) as moved
from orderly.change_item i
join orderly.change c on c.id = i.change
where i.change = :id
order by i.nr
