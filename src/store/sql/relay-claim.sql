-- Items to send, for a while ours. Bodies are bytes, in hexadecimal.
-- :worker text
-- :want int4
-- :lease_s int4
-- :interfaces text[]
-- > item int
-- > lease text
-- > lease_ms int
-- > request int
-- > interface text
-- > message_id text
-- > correlation_id text
-- > business_key text
-- > facility text
-- > ordering_key text
-- > idempotency_key text
-- > content_type text
-- > headers text
-- > body text
select item, lease::text as lease,
	ceil(extract(epoch from lease_until - clock_timestamp()) * 1000)::int8 as lease_ms,
	request, interface, message_id, correlation_id, business_key, facility, ordering_key,
	idempotency_key, content_type, headers::text as headers, encode(body, 'hex') as body
from orderly.claim_replays(:worker, :want, :lease_s, orderly.relay_well(:interfaces, :worker))
