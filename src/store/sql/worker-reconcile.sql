-- Takes up a run that was asked for, or one whose worker is silent: what to read of Odoo, and where it
-- stands.
-- :worker text
-- > id int
-- > model text
-- > key_field text
-- > date_field text
-- > also text
-- > fields text
-- > since text
-- > upto text
-- > phase text
-- > place int
-- > read_from text
select c.id, c.model, c.key_field, c.date_field, c.also, c.fields, c.since, c.upto, c.phase, c.place, c.read_from
from orderly.claim_reconcile(:worker) c
