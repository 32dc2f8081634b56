-- What seems to be missing in Odoo, to be asked for by its key; none when the next phase has begun.
-- :id int8
-- :worker text
-- :want int4
-- > nr int
-- > key text
select d.nr, d.key from orderly.reconcile_doubts(:id, :worker, :want) d
