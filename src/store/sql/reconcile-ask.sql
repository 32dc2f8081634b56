-- Asks for an interface to be reconciled with Odoo over a window, in seconds since 1970.
-- :interface text
-- :since_s int8
-- :upto_s int8
-- > code text
-- > message text
-- > id int
select r.code, r.message, r.id
from orderly.reconcile_ask(:interface, to_timestamp(cast(:since_s as int8)), to_timestamp(cast(:upto_s as int8))) r
