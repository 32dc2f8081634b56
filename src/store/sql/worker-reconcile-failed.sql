-- Writes down why a run cannot go on.
-- :id int8
-- :worker text
-- :why text
-- > taken bool
select orderly.reconcile_failed(:id, :worker, :why) as taken
