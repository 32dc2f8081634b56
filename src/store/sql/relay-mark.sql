-- The durable mark before the first byte is sent. Only what says go may be sent.
-- :leases uuid[]
-- > lease text
-- > go bool
-- > code text
select lease::text as lease, go, code from orderly.mark_sending(:leases)
