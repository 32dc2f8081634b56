-- Proposes what was there before a change that was applied.
-- :id int8
-- :reason text
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select (s.r).ok, (s.r).message, (s.r).id, 0::int8 as n, 0::int8 as left, orderly.problems_text((s.r).detail) as refused
from (select orderly.change_rollback(:id, :reason) as r offset 0) s
