-- The raw payloads under a grant, or one row with the refusal. Bodies are bytes, in hexadecimal.
-- :grant_id int8
-- > code text
-- > message text
-- > key text
-- > content_type text
-- > headers text
-- > body text
select r.code, r.message, encode(r.key, 'hex') as key, r.content_type, r.headers::text as headers,
	encode(r.body, 'hex') as body
from orderly.payload_read(:grant_id) r
