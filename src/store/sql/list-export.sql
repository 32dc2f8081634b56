-- Says, before a file is written, that a list is taken.
-- :list text
-- :format text
-- > code text
-- > message text
select r.code, r.message from orderly.list_export(:list, null, :format) r
