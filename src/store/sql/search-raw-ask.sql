-- The same of the raw payloads, for that reason.
-- :filter text
-- :reason text
-- > code text
-- > message text
-- > grant_id int
-- > since time
-- > upto time
-- > first_day text
-- > last_day text
select r.code, r.message, r.id as grant_id, (r.detail ->> 'since')::timestamptz as since,
	(r.detail ->> 'upto')::timestamptz as upto, null as first_day, null as last_day
from orderly.payload_ask('search', array(select i.id from orderly.interface i where true /* interfaces */),
	coalesce(null /* since */, coalesce(null /* until */, now()) - interval '1 day'),
	coalesce(null /* until */, now()), :filter, :reason) r
