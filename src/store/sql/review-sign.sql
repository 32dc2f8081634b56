-- Signs an access review that is decided throughout; it is kept.
-- :id int8
-- :words text
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select (s.r).ok, (s.r).message, (s.r).id, 0::int8 as n, 0::int8 as left, null::text as refused
from (select orderly.review_sign(:id, :words) as r offset 0) s
