-- A worker says that it lives.
-- :name text
-- :version text
-- :detail jsonb
-- > known bool
select orderly.worker_beat(:name, :version, :detail) is not null as known
