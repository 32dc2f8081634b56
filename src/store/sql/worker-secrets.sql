-- Writes down when the files in a worker's folder of secrets were changed: their names, never what they hold.
-- :worker text
-- :files jsonb
-- > n int
select orderly.secrets_seen(:worker, :files) as n
