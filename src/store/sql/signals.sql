-- Signals: what nobody has answered first, the worst of it above; then what is seen to, sleeps or is kept
-- quiet; with :over also what ended within a week.
-- :over bool
-- > id int
-- > key text
-- > severity text
-- > state text
-- > rule text
-- > object text
-- > kind text
-- > measure text
-- > interface text
-- > since time
-- > ended_at time
-- > value text
-- > owner text
-- > person text
-- > until time
-- > quiet text
-- > told int
select s.id, s.id::text as key, case when s.state = 'ended' then 'over' else s.severity end as severity,
	case when s.quiet is not null and s.state = 'raised' then 'quiet' else s.state end as state, s.rule, s.object,
	coalesce(m.object, '') as kind, s.measure, i.code as interface, s.since, s.ended_at, s.value,
	coalesce(r.owner, i.technical_owner, i.business_owner, y.owner) as owner, p.name as person, s.snoozed_until as until,
	coalesce(s.quiet, s.reason) as quiet, s.told
from orderly.signal s
left join orderly.signal_rule r on r.code = s.rule
left join orderly.signal_measure m on m.code = s.measure
left join orderly.interface i on i.id = s.interface
left join orderly.system y on y.code = case s.measure when 'system' then s.object else s.system end
left join orderly.person p on p.id = s.person
where s.state in ('raised', 'acknowledged', 'snoozed')
   or :over and s.state = 'ended' and s.ended_at > now() - interval '7 days'
order by s.state = 'ended', s.quiet is not null, array_position(array['raised', 'acknowledged', 'snoozed'], s.state),
	array_position(array['page', 'warning', 'info'], s.severity), s.ended_at desc, s.since desc, s.id desc
limit 500
