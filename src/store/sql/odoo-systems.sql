-- The Odoos of the catalogue.
-- > code text
-- > title text
select s.code, s.title from orderly.system s where s.kind = 'odoo' order by s.code
