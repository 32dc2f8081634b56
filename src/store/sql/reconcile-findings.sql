-- What a run found, in pages. known: the run before of the same interface found it as well. What that one
-- found and this one no longer does comes as "gone", behind all others.
-- :run int8
-- :place text
-- :way text
-- :limit int8
-- > place text
-- > kind text
-- > key text
-- > known bool
-- > sure bool
-- > transaction int
-- > state text
-- > letter text
-- > facility text
-- > records text
-- > fields text
-- > model text
-- > system text
with this as (
	select r.id, r.interface, r.how ->> 'model' as model,
		(select max(b.id) from orderly.reconcile b where b.interface = r.interface and b.id < r.id and b.state = 'done') as before
	from orderly.reconcile r where r.id = :run
),
listed as (
	select '1' || lpad(f.nr::text, 19, '0') as place, f.kind, f.key, f.norm, f.transaction, f.records, f.fields, f.sure, f.facility,
		t.model, exists (select from orderly.reconcile_finding b where b.run = t.before and b.kind = f.kind and b.norm = f.norm) as known
	from this t
	join orderly.reconcile_finding f on f.run = t.id
	union all
	select '2' || lpad(f.nr::text, 19, '0'), 'gone', f.kind || ' ' || f.key, f.norm, f.transaction, f.records, f.fields, f.sure,
		f.facility, t.model, true
	from this t
	join orderly.reconcile q on q.id = t.id and q.state = 'done'
	join orderly.reconcile_finding f on f.run = t.before
	where not exists (select from orderly.reconcile_finding n where n.run = t.id and n.kind = f.kind and n.norm = f.norm)
),
page as (
	(select l.* from listed l where :way = 'after' and (:place::text is null or l.place > :place)
	 order by l.place limit :limit)
	union all
	(select l.* from listed l where :way = 'before' and l.place < :place order by l.place desc limit :limit)
)
select p.place, p.kind, p.key, p.known, p.sure, p.transaction, t.state, d.state as letter, y.code as facility,
	array_to_string(p.records, ' ') as records, array_to_string(p.fields, ' ') as fields, p.model,
	orderly.odoo_of(r.interface) as system
from page p
join orderly.reconcile r on r.id = :run
left join orderly.transaction t on t.id = p.transaction
left join orderly.dead_letter d on d.id = p.transaction
left join orderly.facility y on y.id = p.facility
order by p.place
