-- Ends a grant before its time.
-- :grant_id int8
-- > code text
-- > message text
select r.code, r.message from orderly.grant_end(:grant_id) r
