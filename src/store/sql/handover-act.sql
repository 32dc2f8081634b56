-- Signs a handover as the outgoing person (offer) or the incoming one (accept), or declares it void.
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
		when 'offer' then orderly.handover_offer(:id)
		when 'accept' then orderly.handover_accept(:id)
		when 'void' then orderly.handover_void(:id, :reason) end as r offset 0) s
