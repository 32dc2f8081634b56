-- Asks to see the raw payloads of a transaction, for that reason and so many minutes (0: the usual).
-- :id int8
-- :reason text
-- :minutes int4
-- > code text
-- > message text
-- > grant_id int
-- > until time
select r.code, r.message, r.id as grant_id, (r.detail ->> 'until')::timestamptz as until
from orderly.reveal_ask(:id, :reason, :minutes) r
