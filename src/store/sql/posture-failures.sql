-- Where credentials and signatures were refused, the newest first. For the security role.
-- > key text
-- > source text
-- > what text
-- > total int
-- > unresolved int
-- > first_at time
-- > last_at time
-- > owner text
select f.source || ' ' || coalesce(f.what, '') as key, f.source, f.what, f.total, f.unresolved, f.first_at, f.last_at, f.owner
from orderly.posture_failures() f
order by f.last_at desc, f.source
