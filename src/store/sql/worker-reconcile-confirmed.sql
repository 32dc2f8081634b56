-- Writes down which of these Odoo has all the same; what comes next.
-- :id int8
-- :worker text
-- :upto int8
-- :there text[]
-- > phase text
-- > place int
select c.phase, c.place from orderly.reconcile_confirmed(:id, :worker, :upto, :there) c
