-- Takes up a run that was asked for, or one whose worker is silent: what to read of Odoo, and where it
-- stands.
-- :worker text
-- :name text
-- :known text[]
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
-- > system text
-- > ours bool
select c.id, c.model, c.key_field, c.date_field, c.also, c.fields, c.since, c.upto, c.phase, c.place, c.read_from,
	c.system, c.ours
from orderly.claim_reconcile(:worker, :name, :known) c
