-- One piece of a duty: how many rows of work were done; -1 when it failed, null when another worker
-- has it now.
-- :duty text
-- > done int
select orderly.worker_step(:duty) as done
