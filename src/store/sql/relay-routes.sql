-- The interfaces whose replays this worker sends, and how their targets are.
-- > interface text
-- > target text
-- > endpoint text
-- > repeats bool
-- > state text
-- > wait_ms int
select interface, target, endpoint::text as endpoint, repeats, state, wait_ms from orderly.relay_routes()
