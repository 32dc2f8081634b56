-- Says, before the first row is read, that a list is written to a file.
-- :filter text
-- :format text
-- > code text
-- > message text
select r.code, r.message from orderly.list_export('find', :filter, :format) r
