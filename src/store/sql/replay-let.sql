-- Lets a held item follow although a later one was delivered, or leaves it out.
-- :item int8
-- :pass bool
-- :reason text
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select (s.r).ok, (s.r).message, (s.r).id, 0::int8 as n, 0::int8 as left, null::text as refused
from (select orderly.replay_let(:item, :pass, :reason) as r offset 0) s
