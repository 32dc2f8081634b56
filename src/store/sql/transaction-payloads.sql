-- The masked payloads of a transaction in the order in which they came, as everyone in scope may see
-- them; bodies of the newest as long as they come to no more than 8 MB together.
-- :id int8
-- > key text
-- > at time
-- > event text
-- > attempt int
-- > kind text
-- > content_type text
-- > headers text
-- > body text
-- > bytes int
-- > how text
-- > why text
with shown as (
	select r.*, sum(coalesce(length(r.body), 0)) over (order by r.arrived desc, r.key desc) as so_far
	from orderly.renditions_of(:id) r
	where r.bytes > 0 or r.headers is not null or r.more is null
	order by r.arrived desc, r.key desc
	limit 50
)
select encode(s.key, 'hex') as key, coalesce(e.at, s.arrived) as at, e.kind as event, e.attempt, s.kind,
	s.content_type, s.headers::text as headers, case when s.so_far <= 8388608 then s.body end as body,
	s.bytes, s.how, case when s.so_far <= 8388608 then s.why else 'too much to show at once' end as why
from shown s
left join orderly.events_of(array[:id]) e on e.key = s.key
order by e.attempt, at, s.arrived, s.key
