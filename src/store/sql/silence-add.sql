-- Silences an interface until then; what it was done to has one row.
-- :interface text
-- :reason text
-- :until_s float8
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select a.ok, a.message, a.id, a.ok::int as n, 0 as left, null::text as refused
from orderly.silence_add((select i.id from orderly.interface i where i.code = :interface), null, to_timestamp(:until_s), :reason) a
