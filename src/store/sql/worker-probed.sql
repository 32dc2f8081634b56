-- Writes down how Odoo does, as this worker has seen it.
-- :worker text
-- :detail jsonb
-- > taken bool
select orderly.odoo_probed(:worker, :detail) as taken
