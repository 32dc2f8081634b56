-- Decides what became of an item in doubt: delivered, failed, or again (with the same key).
-- :item int8
-- :outcome text
-- :reason text
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select (s.r).ok, (s.r).message, (s.r).id, 0::int8 as n, 0::int8 as left, null::text as refused
from (select orderly.replay_resolve(:item, :outcome, :reason) as r offset 0) s
