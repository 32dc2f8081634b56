-- Approves or rejects a replay request as it was seen: that revision, that number of items.
-- :id int8
-- :revision int4
-- :approve bool
-- :count int4
-- :reason text
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select (s.r).ok, (s.r).message, (s.r).id, 0::int8 as n, 0::int8 as left, null::text as refused
from (select orderly.replay_decide(:id, :revision, :approve, :count, :reason) as r offset 0) s
