-- How the record of a transaction is found in Odoo, and which fields are compared; nothing where the
-- catalogue does not say it.
-- :id int8
-- > model text
-- > record int
-- > external_id text
-- > reference_field text
-- > reference text
-- > fields text
-- > system text
select w.model, w.record, w.external_id, w.reference_field, w.reference,
	array_to_string(w.fields, ',') as fields, w.system
from orderly.odoo_wanted(:id) w
