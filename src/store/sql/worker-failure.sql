-- Why a duty failed the last time.
-- :duty text
-- > failure text
select failure from orderly.duty where name = :duty
