-- The version of the store, held against the program's own before anything else is asked.
-- > number int
-- > name text
-- > store text
-- > applied_at time
select number, name, store, applied_at
from orderly.version
order by number desc
limit 1
