-- Says that an anomaly is known, and why.
-- :id int8
-- :reason text
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select (s.r).ok, (s.r).message, (s.r).id, 0::int8 as n, 0::int8 as left, null::text as refused
from (select orderly.anomaly_dismiss(:id, :reason) as r offset 0) s
