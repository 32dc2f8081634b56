-- Credentials and keys, what is due first; never the secrets themselves. For the security role.
-- > key text
-- > name text
-- > kind text
-- > state text
-- > expires_at time
-- > rotated_at time
-- > rotate_days int
-- > rotate_by time
-- > title text
-- > owner text
-- > system text
-- > used text
-- > governed bool
-- > seen_at time
-- > seen_by text
select c.name as key, c.name, c.kind, c.state, c.expires_at, c.rotated_at, c.rotate_days, c.rotate_by, c.title, c.owner,
	c.system, c.interfaces as used, c.governed, c.seen_at, c.seen_by
from orderly.posture_credentials() c
order by array_position(array['ended', 'ends', 'rotate', 'unknown', 'fine'], c.state), c.expires_at, c.rotate_by, c.name
