-- Writes a note on a dead letter, a failure group or what else can carry one.
-- :object text
-- :id int8
-- :words text
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select (s.r).ok, (s.r).message, (s.r).id, 0::int8 as n, 0::int8 as left, null::text as refused
from (select orderly.note_add(:object, :id, :words) as r offset 0) s
