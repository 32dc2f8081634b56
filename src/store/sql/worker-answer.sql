-- Writes down what the target answered: present, absent or unknown.
-- :token uuid
-- :answer text
-- :detail jsonb
-- > taken bool
select orderly.record_check(:token, :answer, :detail) as taken
