-- Access reviews, the newest first. For the security role.
-- > id int
-- > key text
-- > state text
-- > begun_by text
-- > begun_at time
-- > signed_by text
-- > signed_at time
-- > logins int
-- > open int
-- > revoke int
-- > words text
-- > digest text
select r.id, r.id::text as key, r.state, r.begun_by, r.begun_at, r.signed_by, r.signed_at, r.logins, r.open, r.revoke,
	r.words, r.digest
from orderly.posture_reviews() r
order by r.id desc
limit 500
