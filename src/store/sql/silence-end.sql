-- Ends a silence before its time.
-- :id int8
-- :reason text
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select a.ok, a.message, a.id, a.ok::int as n, 0 as left, null::text as refused
from orderly.silence_end(:id, :reason) a
