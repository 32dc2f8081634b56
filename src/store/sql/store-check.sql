-- What must always hold in a store, and whether it does: of what was born since a day, or of all.
-- :since date
-- > name text
-- > ok bool
-- > detail text
select name, ok, detail from orderly.check_invariants(:since)
