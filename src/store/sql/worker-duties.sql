-- What there is to do for a worker, and how often each is due.
-- > name text
-- > every_ms int
select name, every_ms from orderly.worker_duties()
