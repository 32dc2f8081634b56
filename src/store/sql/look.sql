-- What is new was looked at now.
-- :view text
-- > at time
select orderly.look(:view) as at
