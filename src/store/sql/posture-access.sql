-- Who may what, through which login, and when they did anything last; conflicts first. For the security role.
-- > key text
-- > login text
-- > name text
-- > standing text
-- > roles text
-- > conflict text
-- > interfaces text
-- > facilities text
-- > classes text
-- > last_at time
-- > reviewed_at time
-- > verdict text
select a.login as key, a.login, a.name, a.standing, a.roles, a.conflict, a.interfaces, a.facilities, a.classes, a.last_at,
	a.reviewed_at, a.verdict
from orderly.posture_access() a
order by a.conflict is null, array_position(array['unknown', 'shared', 'active', 'machine', 'left', 'blocked'], a.standing)
	nulls last, a.login
