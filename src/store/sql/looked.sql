-- When one last looked at what is new; null before the first time.
-- :view text
-- > at time
select orderly.looked(:view) as at
