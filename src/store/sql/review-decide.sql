-- Decides about logins in an access review: kept, or revoke_asked. logins: one a line.
-- :id int8
-- :logins text
-- :verdict text
-- :reason text
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select (s.r).ok, (s.r).message, (s.r).id, coalesce((s.r).detail ->> 'decided', '0')::int8 as n, 0::int8 as left,
	case when (s.r).detail ->> 'own' <> '0' then (s.r).detail ->> 'own' || ' of your own' end as refused
from (select orderly.review_decide(:id, string_to_array(:logins, E'\n'), :verdict, :reason) as r offset 0) s
