-- Saves a filter of a view under a name; the same name again replaces.
-- :view text
-- :name text
-- :filter text
-- :shared bool
-- > code text
-- > message text
select r.code, r.message from orderly.filter_save(:view, :name, :filter, :shared) r
