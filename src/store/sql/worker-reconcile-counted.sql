-- Writes down how many records Odoo has; what comes next. No row: the run is another's now, or over.
-- :id int8
-- :worker text
-- :theirs int8
-- :types jsonb
-- :read_from text
-- > phase text
-- > place int
select c.phase, c.place from orderly.reconcile_counted(:id, :worker, :theirs, :types, :read_from) c
