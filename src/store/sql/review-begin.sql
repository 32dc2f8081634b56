-- Begins an access review of everyone as they stand now.
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select (s.r).ok, (s.r).message, (s.r).id, coalesce((s.r).detail ->> 'logins', '0')::int8 as n, 0::int8 as left,
	null::text as refused
from (select orderly.review_begin() as r offset 0) s
