-- The newest deaths of an interface.
-- :code text
-- > transaction int
-- > at time
-- > facility text
-- > business_key text
-- > message text
-- > attempts int
-- > class text
-- > text text
-- > letter text
select t.id as transaction, t.at, f.code as facility, m.business_key, m.message_id as message,
	t.attempt as attempts, t.class, t.text, l.state as letter
from (
	select t.* from orderly.transaction t
	where t.interface = (select i.id from orderly.interface i where i.code = :code) and t.state = 'dead'
	order by t.at desc
	limit 50) t
join orderly.message m on m.id = t.id
left join orderly.facility f on f.id = t.facility
left join orderly.dead_letter l on l.id = t.id
order by t.at desc, t.id desc
