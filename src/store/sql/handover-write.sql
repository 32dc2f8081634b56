-- Writes the outgoing person's words: on the whole (nr null), or to one item.
-- :id int8
-- :nr int4
-- :words text
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select (s.r).ok, (s.r).message, (s.r).id, 0::int8 as n, 0::int8 as left, null::text as refused
from (select orderly.handover_write(:id, :nr, :words) as r offset 0) s
