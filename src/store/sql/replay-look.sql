-- Leaves a trace that what was changed of an item is going to be looked at.
-- :item int8
-- > ok bool
-- > message text
-- > id int
select (s.r).ok, (s.r).message, (s.r).id from (select orderly.replay_look(:item) as r offset 0) s
