-- Deliveries of signals to the targets of this worker, claimed for so many seconds.
-- :worker text
-- :targets jsonb
-- :want int4
-- :lease_s int4
-- > lease text
-- > target text
-- > idempotency_key text
-- > body text
select lease::text, target, key as idempotency_key, body
from orderly.claim_signals(:worker, :targets, :want, :lease_s)
