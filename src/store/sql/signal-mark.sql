-- The mark before a signal is sent: false, and it is not to be sent.
-- :lease uuid
-- > go bool
select orderly.mark_signal(:lease) as go
