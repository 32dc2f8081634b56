-- The same for a failure group as far as it was seen, a thousand members at a time: to be asked again
-- while some are left.
-- :act text
-- :group int8
-- :seen int8
-- :reason text
-- :until_s float8
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select (s.r).ok, (s.r).message, (s.r).id, coalesce(((s.r).detail ->> 'done')::int8, 0) as n,
	coalesce(((s.r).detail ->> 'left')::int8, 0) as left, null::text as refused
from (select case :act
		when 'own' then orderly.failure_group_own(:group, :seen)
		when 'release' then orderly.failure_group_release(:group, :seen)
		when 'snooze' then orderly.failure_group_snooze(:group, :seen, to_timestamp(:until_s), :reason)
		when 'discard' then orderly.failure_group_discard(:group, :seen, :reason)
		when 'reopen' then orderly.failure_group_reopen(:group, :seen, :reason) end as r offset 0) s
