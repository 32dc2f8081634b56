-- Outcomes that are known, before they are told in full.
-- :results jsonb
-- > n int
select orderly.note_replays(:results) as n
