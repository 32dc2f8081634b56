-- Proposes that one object be removed.
-- :kind text
-- :code text
-- :reason text
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select (s.r).ok, (s.r).message, (s.r).id, 0::int8 as n, 0::int8 as left, orderly.problems_text((s.r).detail) as refused
from (select orderly.change_propose(jsonb_build_array(jsonb_build_object('kind', :kind::text, 'code', :code::text,
	'doc', null)), :reason) as r offset 0) s
