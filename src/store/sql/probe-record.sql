-- Writes down what a probe saw.
-- :worker text
-- :probe text
-- :detail jsonb
-- > taken bool
select orderly.record_probe(:worker, :probe, :detail) as taken
