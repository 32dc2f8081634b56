-- Unresolved dead letters counted by something else than their signature: interface, class, partner,
-- facility, or the hour in which they died, the newest first. filter: the words that find those of a row.
-- :by text
-- > key text
-- > name text
-- > unresolved int
-- > unowned int
-- > oldest_at time
-- > last_at time
-- > filter text
select coalesce(s.name, '') as key, coalesce(s.name, '(none)') as name, count(*) as unresolved,
	count(*) filter (where s.owner is null) as unowned, min(s.at) as oldest_at, max(s.at) as last_at,
	format('state%1$sdead %2$s%1$s%3$s letter!=resolved,discarded,expired', chr(58),
		case :by when 'interface' then 'if' when 'hour' then 'died' else :by end,
		case when :by = 'hour' then to_char(min(s.hour), 'YYYY-MM-DD"T"HH24:MI"Z.."')
			|| to_char(min(s.hour) + interval '59 minutes', 'YYYY-MM-DD"T"HH24:MI"Z"')
		else coalesce(s.name, 'none') end) as filter
from (
	select l.owner, l.at, h.hour, case :by
			when 'interface' then i.code
			when 'class' then t.class
			when 'partner' then p.code
			when 'facility' then f.code
			when 'hour' then to_char(h.hour, 'YYYY-MM-DD HH24:MI"Z"') end as name
	from orderly.dead_letter l
	join orderly.interface i on i.id = l.interface
	left join orderly.transaction t on t.id = l.id and :by = 'class'
	left join orderly.message m on m.id = l.id and :by = 'partner'
	left join orderly.partner p on p.id = m.partner
	left join orderly.facility f on f.id = l.facility
	cross join lateral (select date_trunc('hour', l.at at time zone 'UTC') as hour) h
	where l.unresolved) s
group by s.name
order by case when :by = 'hour' then s.name end desc, 3 desc, 1
limit 1000
