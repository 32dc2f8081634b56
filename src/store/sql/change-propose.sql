-- Proposes a document as `orderly catalogue import` takes it.
-- :doc jsonb
-- :reason text
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select (s.r).ok, (s.r).message, (s.r).id, 0::int8 as n, 0::int8 as left, orderly.problems_text((s.r).detail) as refused
from (select orderly.catalogue_import(:doc, false, :reason) as r offset 0) s
