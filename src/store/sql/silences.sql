-- What is silenced of an interface, also together with all others, the longest first.
-- :interface text
-- > id int
-- > interface text
-- > rule text
-- > until time
-- > at time
-- > by text
-- > reason text
select s.id, i.code as interface, s.rule, s.until, s.at, p.name as by, s.reason
from orderly.silence s
join orderly.person p on p.id = s.person
left join orderly.interface i on i.id = s.interface
where s.ended_at is null and s.until > clock_timestamp() and (s.interface is null or i.code = :interface)
order by s.until desc, s.id
