-- Approves a change, or rejects it; another person than who proposed it.
-- :id int8
-- :approve bool
-- :reason text
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select (s.r).ok, (s.r).message, (s.r).id, 0::int8 as n, 0::int8 as left, orderly.problems_text((s.r).detail) as refused
from (select orderly.change_decide(:id, :approve, :reason) as r offset 0) s
