-- Writes down a page of Odoo's records; what comes next.
-- :id int8
-- :worker text
-- :records jsonb
-- :place int8
-- :last bool
-- > phase text
-- > place int
select t.phase, t.place from orderly.reconcile_take(:id, :worker, :records, :place, :last) t
