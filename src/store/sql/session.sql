-- Who is connected, as which person with which roles, to what; and how many of the workers that were
-- seen within a day, and did not say goodbye, are still at work.
-- > login text
-- > person text
-- > roles text
-- > store text
-- > workers int
-- > workers_alive int
select session_user::text as login, l.person, array_to_string(orderly.my_roles(), ' ') as roles,
	s.name as store, w.seen as workers, w.alive as workers_alive
from orderly.store s
left join orderly.login l on l.code = session_user::text
cross join (
	select count(*) as seen, count(*) filter (where beat_at > clock_timestamp() - interval '30 seconds') as alive
	from orderly.worker
	where beat_at > clock_timestamp() - interval '1 day' and not detail @> '{"ended": true}'
) w
