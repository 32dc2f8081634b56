-- The right to send one item to a resting target.
-- :target text
-- :worker text
-- :lease_s int4
-- > mine bool
select orderly.relay_probe(:target, :worker, :lease_s) as mine
