-- How sends ended.
-- :results jsonb
-- > lease text
-- > ok bool
-- > code text
-- > state text
select lease::text as lease, ok, code, state from orderly.complete_replay(:results)
