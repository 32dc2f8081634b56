-- Asks to look through the masked payloads of what arrived within a window; without one, of the last day.
-- :filter text
-- > code text
-- > message text
-- > grant_id int
-- > since time
-- > upto time
-- > first_day text
-- > last_day text
select r.code, r.message, r.id as grant_id, (r.detail ->> 'since')::timestamptz as since,
	(r.detail ->> 'upto')::timestamptz as upto, r.detail ->> 'first_day' as first_day,
	r.detail ->> 'last_day' as last_day
from orderly.search_ask(array(select i.id from orderly.interface i where true /* interfaces */),
	null /* since */, null /* until */, :filter) r
