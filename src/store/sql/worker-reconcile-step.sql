-- Does a piece of what the store does alone; what comes next.
-- :id int8
-- :worker text
-- :budget int4
-- > phase text
-- > place int
select s.phase, s.place from orderly.reconcile_step(:id, :worker, :budget) s
