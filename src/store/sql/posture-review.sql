-- One access review, login by login; what nobody has decided about first. For the security role.
-- :id int8
-- > key text
-- > login text
-- > name text
-- > mine bool
-- > roles text
-- > interfaces text
-- > facilities text
-- > classes text
-- > conflict text
-- > standing text
-- > last_at time
-- > verdict text
-- > reason text
-- > decided_by text
-- > decided_at time
select r.login as key, r.login, r.name, r.mine, r.roles, r.interfaces, r.facilities, r.classes, r.conflict, r.standing, r.last_at,
	coalesce(r.verdict, 'open') as verdict, r.reason, r.decided_by, r.decided_at
from orderly.posture_review(:id) r
order by r.verdict is not null, r.conflict is null, r.login
