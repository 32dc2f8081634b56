-- How the delivery of a signal ended, and what has become of it; null when the lease was lost.
-- :lease uuid
-- :outcome text
-- :status int4
-- :message text
-- > becomes text
select orderly.complete_signal(:lease, :outcome, :status, :message) as becomes
