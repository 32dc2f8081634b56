-- What each person was refused, revealed, searched and took out within so many days. For the security role.
-- :days int4
-- > key text
-- > login text
-- > name text
-- > acts int
-- > refused int
-- > last_refusal text
-- > reveals int
-- > searches int
-- > exports int
-- > last_at time
select u.login as key, u.login, u.name, u.acts, u.refused, u.last_refusal, u.reveals, u.searches, u.exports, u.last_at
from orderly.posture_uses(:days) u
order by u.refused desc, u.reveals + u.exports desc, u.login
