-- Pauses a replay, lets it go on, or withdraws it.
-- :act text
-- :id int8
-- :reason text
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select (s.r).ok, (s.r).message, (s.r).id, 0::int8 as n, 0::int8 as left, null::text as refused
from (select case :act
		when 'pause' then orderly.replay_pause(:id, :reason)
		when 'resume' then orderly.replay_resume(:id, :reason)
		when 'withdraw' then orderly.replay_cancel(:id, :reason) end as r offset 0) s
