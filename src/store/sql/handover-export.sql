-- Leaves a trace that a handover is going to be written into that file.
-- :id int8
-- :file text
-- > ok bool
-- > message text
select (s.r).ok, (s.r).message from (select orderly.handover_export(:id, :file) as r offset 0) s
