-- Claims questions whether targets have something already, each with what to ask Odoo, as JSON; null
-- where the endpoint does not say how.
-- :worker text
-- :want int4
-- > token text
-- > question text
select c.token::text as token, orderly.odoo_check(c.token)::text as question
from orderly.claim_checks(:worker, :want) c
