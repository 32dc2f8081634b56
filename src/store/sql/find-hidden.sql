-- How many transactions outside of the scope have exactly this id.
-- :id text
-- > n int
select orderly.ids_hidden(:id) as n
