-- Claims questions whether an Odoo has something already, each with what to ask, as JSON; null where the
-- endpoint does not say how. ours: not so, the Odoo of that system is nobody's.
-- :worker text
-- :want int4
-- :name text
-- :known text[]
-- > token text
-- > system text
-- > ours bool
-- > question text
select c.token::text as token, c.system, c.ours, orderly.odoo_check(c.token)::text as question
from orderly.odoo_checks(:worker, :want, :name, :known) c
