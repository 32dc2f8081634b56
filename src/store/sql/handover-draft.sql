-- Drafts a handover from the facts, or looks at them again.
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select (s.r).ok, (s.r).message, (s.r).id, coalesce((s.r).detail ->> 'items', '0')::int8 as n, 0::int8 as left,
	null::text as refused
from (select orderly.handover_draft() as r offset 0) s
