-- Puts a catalogue in, proposes it, or only tries it: one row for each field that differs and for each
-- problem, after one that says what came of it.
-- :doc jsonb
-- :dry_run bool
-- :reason text
-- > ok bool
-- > code text
-- > message text
-- > id int
-- > same int
-- > mark text
-- > object text
-- > what text
with done as materialized (
	select * from orderly.catalogue_import(:doc, :dry_run, :reason)
),
changed as (
	select e.n, e.item
	from done, jsonb_array_elements(coalesce(detail -> 'changed', detail -> 'items')) with ordinality e (item, n)
	where jsonb_typeof(coalesce(detail -> 'changed', detail -> 'items')) = 'array'
),
problems as (
	select e.n, e.item
	from done, jsonb_array_elements(detail -> 'problems') with ordinality e (item, n)
	where jsonb_typeof(detail -> 'problems') = 'array'
),
lines as (
	select 1 as part, c.n, d.field,
		case when c.item -> 'before' = 'null' then '+' when c.item -> 'after' = 'null' then '-' else '~' end as mark,
		concat_ws(' ', c.item ->> 'kind', c.item ->> 'code') as object, d.what
	from changed c
	left join lateral orderly.doc_differences(nullif(c.item -> 'before', 'null'),
		nullif(c.item -> 'after', 'null')) d on true
	union all
	select 2, p.n, null, '!', concat_ws(' ', p.item ->> 'kind', p.item ->> 'code'), p.item ->> 'text'
	from problems p
)
select d.ok, d.code, d.message, d.id, (d.detail ->> 'same')::int as same, l.mark, l.object, l.what
from done d
left join lines l on true
order by l.part, l.n, l.field
