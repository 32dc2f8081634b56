-- What a transaction hangs together with, and which view shows it: its interface, what it came of and led
-- to, its replays, others of the same business key, the records that it made. As far as the scope reaches.
-- :id int8
-- > link text
-- > what text
-- > state text
-- > at time
-- > view text
-- > aim text
with me as (
	select m.*, i.code, i.title, l.state as letter, g.signature
	from orderly.message m
	join orderly.interface i on i.id = m.interface
	left join orderly.dead_letter l on l.id = m.id
	left join orderly.failure_group g on g.id = l.failure_group
	where m.id = :id
),
legs as (
	select unnest((select l.ids from orderly.legs_of(:id) l)) as id
),
line as (
	select * from orderly.lineage_of(:id)
),
hits as (
	select 2 as part, 'replay of' as link, m.id from line, orderly.message m where m.id = line.parent
	union all
	select 3, 'replayed as', m.id from line, orderly.message m where m.id = any (line.children)
	union all
	select 4, 'came of', p.id
	from me, lateral (select m.id from orderly.message m
	                  where m.message_norm = orderly.norm(me.parent) and m.message_id = me.parent limit 5) p
	union all
	select 5, 'led to', m.id
	from me, legs, orderly.message m where m.id = legs.id and m.parent = me.message_id and m.id <> me.id
	union all
	select 6, 'same key', s.id
	from me, lateral (select m.id from orderly.message m
	                  where m.business_norm = me.business_norm and m.id <> all (array(select id from legs))
	                  order by m.id desc limit 20) s
),
found as (
	select distinct on (h.id) h.* from hits h order by h.id, h.part
),
links as (
	select 1 as part, 'interface' as link, concat_ws('  ', me.code, me.title) as what, null as state,
		null::timestamptz as at, 'interface' as view, me.code as aim
	from me
	union all
	select 1, 'dead letter', me.signature, me.letter, null, null, null from me where me.letter is not null
	union all
	select f.part, f.link, concat_ws('  ', i.code, m.message_id, m.business_key), t.state, t.last_at,
		'transaction', f.id::text
	from found f
	join orderly.message m on m.id = f.id
	join orderly.transaction t on t.id = f.id
	join orderly.interface i on i.id = m.interface
	union all
	select 7, 'replay', 'request ' || r.request || ', item ' || r.nr, r.state, r.settled_at, 'replays',
		r.request::text
	from orderly.replay_item r where r.dead_letter = :id
	union all
	select 8, 'record', concat_ws('  ', e.target_model, e.target_ref), null, max(e.at), null, null
	from orderly.events_of(array[:id]) e where e.target_ref is not null
	group by e.target_model, e.target_ref
)
select l.link, l.what, l.state, l.at, l.view, l.aim
from links l
order by l.part, l.at desc nulls last, l.aim
