-- The incoming person has seen these items.
-- :id int8
-- :nrs int8[]
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select (s.r).ok, (s.r).message, (s.r).id, coalesce((s.r).detail ->> 'items', '0')::int8 as n, 0::int8 as left,
	null::text as refused
from (select orderly.handover_acknowledge(:id, :nrs::int8[]::int[]) as r offset 0) s
