-- Forgets a filter of one's own.
-- :id int8
-- > code text
-- > message text
select r.code, r.message from orderly.filter_drop(:id) r
