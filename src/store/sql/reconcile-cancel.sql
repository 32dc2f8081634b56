-- Ends a run before its time; what was found stays.
-- :id int8
-- > code text
-- > message text
select r.code, r.message from orderly.reconcile_cancel(:id) r
